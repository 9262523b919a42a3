/* host.c: a program of somebody else's that uses the library.
 * SPDX-License-Identifier: MIT
 */
#include <reluflow/reluflow.h>
#include <stdio.h>

int main(void)
{
    const double X[] = {1, 0, 0, 1, 1, -1}, y[] = {1, 1.1875, 0.0625}, w0[] = {2, 1};
    double loss = -1;
    rf_model *model;
    if (rf_version() != RF_VERSION) {
        printf("header %s, library %s\n", RF_VERSION_STRING, rf_version_string());
        return 1;
    }
    if (rf_model_create(3, 2, X, y, &model) != RF_OK || rf_model_init(model, w0, 2) != RF_OK
        || rf_model_integrate(model, 1e9) != RF_OK
        || rf_model_query(model, RF_LOSS, &loss, 1) != RF_OK) {
        printf("%s\n", rf_model_error(model));
        return 1;
    }
    rf_model_free(model);
    if (!(loss > 0.00195312499 && loss < 0.00195312501)) {
        printf("loss %.17g\n", loss);
        return 1;
    }
    printf("reluflow %s: loss %.9f\n", rf_version_string(), loss);
    return 0;
}
