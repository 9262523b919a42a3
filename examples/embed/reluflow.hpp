// reluflow.hpp: a model as a C++ object: it frees itself, its errors are exceptions.
// SPDX-License-Identifier: MIT
#ifndef EMBED_RELUFLOW_HPP
#define EMBED_RELUFLOW_HPP

#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <reluflow/reluflow.h>

namespace reluflow {

class error : public std::runtime_error {
public:
    error(rf_status status, const std::string &text)
        : std::runtime_error(text + " (" + rf_status_string(status) + ")"), status_(status)
    {
    }
    rf_status status() const { return status_; }

private:
    rf_status status_;
};

class model {
public:
    // What is told of every event; true stops the run.  It may throw: the exception comes out of
    // the call that ran the model, not through the library.
    using watcher = std::function<bool(const rf_event &)>;

    // The data are used in place: X row by row and y have to outlive the model.
    model(int64_t n, int64_t d, const double *X, const double *y, const rf_allocator &allocator)
    {
        char text[160];
        rf_model *made = nullptr;
        const rf_status status = rf_model_create_ex(n, d, X, d, 1, y, RF_BORROW_DATA, &allocator,
                                                    &made, text, sizeof(text));
        if (status < 0) {
            throw error(status, text);
        }
        handle_.reset(made);
    }

    void record(bool on) { check(rf_model_set_recording(get(), on)); }
    void limit_events(int64_t most) { check(rf_model_set_event_limit(get(), most)); }

    void watch(watcher w)
    {
        // The library keeps the address: on the heap it stays the same when the model is moved.
        std::unique_ptr<state> next(new state{std::move(w), nullptr});
        check(rf_model_set_callback(get(), call, next.get()));
        state_ = std::move(next);
    }

    void start(const double *w0, int64_t length) { check(rf_model_init(get(), w0, length)); }

    // RF_OK at the end, RF_STOPPED by the watcher, RF_EVENT_LIMIT: to be gone on with.
    rf_status integrate(double t)
    {
        const rf_status status = rf_model_integrate(get(), t);
        if (state_ && state_->thrown) {
            std::exception_ptr thrown;
            std::swap(thrown, state_->thrown);
            std::rethrow_exception(thrown);
        }
        return check(status);
    }

    double number(int32_t quantity) const
    {
        double value;
        check_const(rf_model_query(handle_.get(), quantity, &value, 1));
        return value;
    }

    std::vector<double> numbers(int32_t quantity) const
    {
        int64_t size = 0;
        check_const(rf_model_query_size(handle_.get(), quantity, &size));
        std::vector<double> values(static_cast<std::size_t>(size));
        check_const(rf_model_query(handle_.get(), quantity, values.data(), size));
        return values;
    }

    rf_model *get() { return handle_.get(); }

private:
    struct state {
        watcher watch;
        std::exception_ptr thrown;
    };

    struct release {
        void operator()(rf_model *m) const { rf_model_free(m); }
    };

    // An exception must not pass through C: it waits in the state until the library has returned.
    static int32_t call(const rf_model *, const rf_event *event, void *user)
    {
        state *s = static_cast<state *>(user);
        try {
            return s->watch(*event) ? 1 : 0;
        } catch (...) {
            s->thrown = std::current_exception();
            return 1;
        }
    }

    rf_status check(rf_status status) const
    {
        if (status < 0) {
            throw error(status, rf_model_error(handle_.get()));
        }
        return status;
    }

    static void check_const(rf_status status)
    {
        if (status < 0) {
            throw error(status, "query");
        }
    }

    // In this order: the model is freed before what its callback uses.
    std::unique_ptr<state> state_;
    std::unique_ptr<rf_model, release> handle_;
};

} // namespace reluflow

#endif
