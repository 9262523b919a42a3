// frozen_cpp.cpp: the header alone in a C++ program, and one run through it.
// SPDX-License-Identifier: MIT
#include <reluflow/reluflow.h>

#include "frozen.h"

#include <cmath>
#include <cstdio>
#include <memory>

int main()
{
    const double X[] = {1, 0, 0, 1, 1, -1}, y[] = {1, 1.1875, 0.0625}, w0[] = {2, 1};
    double w[2] = {0, 0};
    rf_model *handle = nullptr;
    if (rf_model_create(3, 2, X, y, &handle) != RF_OK) {
        return 1;
    }
    std::unique_ptr<rf_model, void (*)(rf_model *)> model(handle, rf_model_free);
    if (rf_model_init(handle, w0, 2) != RF_OK || rf_model_integrate(handle, INFINITY) != RF_OK
        || rf_model_query(handle, RF_WEIGHTS, w, 2) != RF_OK) {
        std::printf("%s\n", rf_model_error(handle));
        return 1;
    }
    if (std::fabs(w[0] - 1) > 1e-14 || std::fabs(w[1] - 1.1875) > 1e-14) {
        std::printf("w = (%.17g, %.17g)\n", w[0], w[1]);
        return 1;
    }
    return 0;
}
