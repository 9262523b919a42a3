// host.cpp: the simulation of host.c from C++: models that free themselves, exceptions, a lambda as log.
// SPDX-License-Identifier: MIT
//
//     host_cpp [--cells N] [--steps N]
//
// Prints the same two lines as "host" with the same numbers: the same flow, bit for bit.

#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cells.h"
#include "reluflow.hpp"

namespace {

const double dt = 0.25, rest = 1e-3;
const int64_t events_per_step = 8;

// Memory from new and delete, with a balance.
struct heap {
    int64_t live = 0;
    static void *allocate(std::size_t size, void *user)
    {
        void *block = ::operator new(size, std::nothrow);
        static_cast<heap *>(user)->live += block != nullptr;
        return block;
    }
    static void release(void *block, void *user)
    {
        static_cast<heap *>(user)->live -= block != nullptr;
        ::operator delete(block);
    }
    rf_allocator allocator() { return rf_allocator{allocate, release, this}; }
};

// One cell: the data first, so that they outlive the model that uses them in place.
struct cell {
    std::unique_ptr<cell_data> data;
    reluflow::model model;
    int64_t number, round;
    double began;

    static std::unique_ptr<cell_data> measure(int64_t number)
    {
        std::unique_ptr<cell_data> data(new cell_data);
        cell_measure(number, data.get());
        return data;
    }

    cell(int64_t which, heap &memory)
        : data(measure(which)),
          model(CELL_DATA, CELL_DIM, data->X, data->y, memory.allocator()), number(which), round(0),
          began(0)
    {
    }

    void begin(double now)
    {
        double w0[CELL_DIM];
        cell_start(number, round, w0);
        model.start(w0, CELL_DIM);
        began = now;
    }

    void step(double end)
    {
        if (model.integrate(end - began) == RF_OK && model.number(RF_GRADIENT_NORM) < rest) {
            round++;
            begin(end);
        }
    }
};

struct summary {
    int64_t events = 0, rounds = 0, certified = 0;
    double loss = 0;
    uint64_t hash = 0xcbf29ce484222325u;
};

void add_weights(const std::vector<cell> &cells, summary &sum)
{
    for (const cell &c : cells) {
        for (double w : c.model.numbers(RF_WEIGHTS)) {
            sum.hash = hash_number(sum.hash, w);
        }
    }
}

summary simulate(int64_t count, long steps, heap &memory)
{
    summary sum;
    std::vector<cell> cells;
    for (int64_t i = 0; i < count; i++) {
        cells.emplace_back(i, memory);
        cells.back().model.record(false);
        cells.back().model.limit_events(events_per_step);
        cells.back().model.watch([&sum](const rf_event &) {
            sum.events++;
            return false;
        });
        cells.back().begin(0);
    }
    double time = 0;
    for (long k = 0; k < steps; k++) {
        time += dt;
        for (cell &c : cells) {
            c.step(time);
        }
        add_weights(cells, sum);
    }
    for (cell &c : cells) {
        while (c.model.integrate(INFINITY) == RF_EVENT_LIMIT) {
        }
        sum.loss += c.model.number(RF_LOSS);
        sum.certified += c.model.number(RF_CONVERGED) == 1;
        sum.rounds += c.round + 1;
    }
    add_weights(cells, sum);
    return sum;
}

// Errors of the library and exceptions of a callback arrive where the call was made.
bool exceptions(heap &memory)
{
    bool refused = false, passed = false;
    cell_data data;
    cell_measure(0, &data);
    data.y[2] = NAN;
    try {
        reluflow::model broken(CELL_DATA, CELL_DIM, data.X, data.y, memory.allocator());
    } catch (const reluflow::error &e) {
        refused = e.status() == RF_ERROR_NOT_FINITE && std::strstr(e.what(), "y[2]");
    }
    cell c(1, memory);
    c.model.watch([](const rf_event &) -> bool { throw std::logic_error("from the callback"); });
    c.begin(0);
    try {
        c.model.integrate(INFINITY);
    } catch (const std::logic_error &) {
        passed = true;
    }
    c.model.watch([](const rf_event &) { return false; });
    return refused && passed && c.model.integrate(INFINITY) == RF_OK;
}

long number(int argc, char **argv, const char *name, long otherwise)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (std::strcmp(argv[i], name) == 0) {
            return std::strtol(argv[i + 1], nullptr, 10);
        }
    }
    return otherwise;
}

} // namespace

int main(int argc, char **argv)
{
    const long cells = number(argc, argv, "--cells", 1000), steps = number(argc, argv, "--steps", 40);
    heap memory;
    try {
        const summary sum = simulate(cells, steps, memory);
        std::printf("cells %ld, steps %ld: %" PRId64 " events in %" PRId64 " rounds, loss %.9g at %"
                    PRId64 " certified limits\n",
                    cells, steps, sum.events, sum.rounds, sum.loss, sum.certified);
        std::printf("hash of all weights %016" PRIx64 ", blocks not given back %" PRId64 "\n",
                    sum.hash, memory.live);
        return sum.certified == cells && exceptions(memory) && memory.live == 0 ? 0 : 1;
    } catch (const std::exception &e) {
        std::printf("WRONG: %s\n", e.what());
        return 1;
    }
}
