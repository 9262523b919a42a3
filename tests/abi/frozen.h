/* frozen.h: the numbers of the public header that never change, checked by the compiler.
 * SPDX-License-Identifier: MIT
 *
 * Included by a C99 and a C++ program; neither has static assertions in common, so a false one is
 * an array of negative size.
 */
#ifndef FROZEN_H
#define FROZEN_H

#include <reluflow/reluflow.h>

#define FROZEN(name, condition) typedef char frozen_##name[(condition) ? 1 : -1]
#define VALUE(name, value) FROZEN(name, (int)(name) == (value))

FROZEN(status_size, sizeof(rf_status) == 4 && (rf_status)-1 < 0);
FROZEN(event_size, sizeof(rf_event) == 32);
FROZEN(event_time, offsetof(rf_event, time) == 0 && sizeof(((rf_event *)0)->time) == 8);
FROZEN(event_datum, offsetof(rf_event, datum) == 8 && sizeof(((rf_event *)0)->datum) == 8);
FROZEN(event_neuron, offsetof(rf_event, neuron) == 16 && sizeof(((rf_event *)0)->neuron) == 8);
FROZEN(event_kind, offsetof(rf_event, kind) == 24 && sizeof(((rf_event *)0)->kind) == 4);
FROZEN(event_flags, offsetof(rf_event, flags) == 28 && sizeof(((rf_event *)0)->flags) == 4);
FROZEN(point_size, sizeof(rf_stationary_point) == 80);
FROZEN(point_kind, offsetof(rf_stationary_point, kind) == 0);
FROZEN(point_kind_size, sizeof(((rf_stationary_point *)0)->kind) == 4);
FROZEN(point_flags, offsetof(rf_stationary_point, flags) == 4);
FROZEN(point_flags_size, sizeof(((rf_stationary_point *)0)->flags) == 4);
FROZEN(point_datum, offsetof(rf_stationary_point, datum) == 8);
FROZEN(point_datum_size, sizeof(((rf_stationary_point *)0)->datum) == 8);
FROZEN(point_w, offsetof(rf_stationary_point, w) == 16);
FROZEN(point_w_size, sizeof(((rf_stationary_point *)0)->w) == 16);
FROZEN(point_direction, offsetof(rf_stationary_point, direction) == 32);
FROZEN(point_direction_size, sizeof(((rf_stationary_point *)0)->direction) == 16);
FROZEN(point_range, offsetof(rf_stationary_point, range) == 48);
FROZEN(point_range_size, sizeof(((rf_stationary_point *)0)->range) == 16);
FROZEN(point_loss, offsetof(rf_stationary_point, loss) == 64);
FROZEN(point_loss_size, sizeof(((rf_stationary_point *)0)->loss) == 8);
FROZEN(point_theta, offsetof(rf_stationary_point, theta) == 72);
FROZEN(point_theta_size, sizeof(((rf_stationary_point *)0)->theta) == 8);
FROZEN(allocator_size, sizeof(rf_allocator) == 3 * sizeof(void *));
FROZEN(allocator_allocate, offsetof(rf_allocator, allocate) == 0);
FROZEN(allocator_release, offsetof(rf_allocator, release) == sizeof(void *));
FROZEN(allocator_user, offsetof(rf_allocator, user) == 2 * sizeof(void *));

VALUE(RF_OK, 0);
VALUE(RF_STOPPED, 1);
VALUE(RF_EVENT_LIMIT, 2);
VALUE(RF_NO_EVENT, 3);
VALUE(RF_ERROR_ARGUMENT, -1);
VALUE(RF_ERROR_NOT_FINITE, -2);
VALUE(RF_ERROR_SIZE, -3);
VALUE(RF_ERROR_MEMORY, -4);
VALUE(RF_ERROR_STATE, -5);
VALUE(RF_ERROR_NUMERICAL, -6);
VALUE(RF_ERROR_CORRUPT, -7);
VALUE(RF_ERROR_CAPACITY, -8);
VALUE(RF_BORROW_DATA, 1);
VALUE(RF_DATA_F32, 2);
VALUE(RF_RELU, 0);
VALUE(RF_LEAKY_RELU, 1);
VALUE(RF_LINEAR, 2);
VALUE(RF_EVENT_DEACTIVATE, 1);
VALUE(RF_EVENT_ACTIVATE, 2);
VALUE(RF_EVENT_SLIDE_ENTER, 3);
VALUE(RF_EVENT_SLIDE_EXIT_ACTIVE, 4);
VALUE(RF_EVENT_SLIDE_EXIT_INACTIVE, 5);
VALUE(RF_EVENT_ORIGIN, 6);
VALUE(RF_EVENT_ORIGIN_EXIT, 7);
VALUE(RF_FLAG_AMBIGUOUS, 1);
VALUE(RF_FLAG_DOUBTFUL, 2);
VALUE(RF_FLAG_INNER, 4);
VALUE(RF_INNER_NONE, 0);
VALUE(RF_INNER_ESCAPE, 1);
VALUE(RF_INNER_DEAD, 2);
VALUE(RF_INNER_COLLAPSE, 3);
VALUE(RF_INNER_FROZEN, 4);
VALUE(RF_SUPPORT_ACTIVE, 0);
VALUE(RF_SUPPORT_TRAJECTORY, 1);
VALUE(RF_SUPPORT_BOUNDARY, 2);
VALUE(RF_TIME, 1);
VALUE(RF_WEIGHTS, 2);
VALUE(RF_VELOCITY, 3);
VALUE(RF_LOSS, 4);
VALUE(RF_GRADIENT, 5);
VALUE(RF_GRADIENT_NORM, 6);
VALUE(RF_WEIGHT_NORM, 7);
VALUE(RF_NORM_RATE, 8);
VALUE(RF_MARGINS, 9);
VALUE(RF_RESIDUALS, 10);
VALUE(RF_PATTERN, 11);
VALUE(RF_COEFFICIENTS, 12);
VALUE(RF_MULTIPLIERS, 13);
VALUE(RF_DEACTIVATIONS, 14);
VALUE(RF_REACTIVATIONS, 15);
VALUE(RF_FIRST_ACTIVE, 16);
VALUE(RF_LAST_ACTIVE, 17);
VALUE(RF_PATH_LENGTH, 18);
VALUE(RF_CONVERGED, 19);
VALUE(RF_LEAST_NORM, 20);
VALUE(RF_FLAGS, 21);
VALUE(RF_STATUS, 22);
VALUE(RF_INNER_ENDING, 23);
VALUE(RF_RATES, 24);
VALUE(RF_OUTPUTS, 25);
VALUE(RF_POINT_INTERIOR_MINIMUM, 1);
VALUE(RF_POINT_FLAT_MINIMUM, 2);
VALUE(RF_POINT_KINK_MINIMUM, 3);
VALUE(RF_POINT_KINK_SADDLE, 4);
VALUE(RF_POINT_ZERO_LABEL_MINIMUM, 5);
VALUE(RF_POINT_KINK_RAY, 6);
VALUE(RF_POINT_DEAD_CONE, 7);
VALUE(RF_POINT_ORIGIN, 8);

#endif
