# memory.jl: whether a history that grows still fits into the memory there is.
# SPDX-License-Identifier: MIT

# number_in(file, pattern): a number in a file of the system, infinity where there is none.
function number_in(file, pattern)
    text = try read(file, String) catch; return Inf end
    found = match(pattern, text)
    return found === nothing ? Inf : parse(Float64, found[1])
end

# The bytes that are left, of the machine, of a container, of the limits of the process.
function system_memory()
    left = 1024 * number_in("/proc/meminfo", r"^MemAvailable: *([0-9]+) kB$"m)
    swap = 1024 * number_in("/proc/meminfo", r"^SwapFree: *([0-9]+) kB$"m)
    left = isinf(left) ? Float64(Sys.free_memory()) : isinf(swap) ? left : left + swap
    return min(left, number_in("/proc/self/limits", r"^Max address space *([0-9]+) "m),
               number_in("/sys/fs/cgroup/memory.max", r"^([0-9]+)$"m))
end

# What the guard looks at; the tests put something else there.
const FREE_MEMORY = Ref{Any}(system_memory)
# The first number of events at which it is looked at; what an event takes with what is recorded beside it.
const FIRST_LOOK = Ref(2^20)
const BYTES_OF_AN_EVENT = 128

# check_history(trajectory, count): descent may have an event at every step, for ever; a history of
# `count` events goes on while there is room to double it.
function check_history(trajectory, count)
    count >= FIRST_LOOK[] && ispow2(count) && records(trajectory) || return nothing
    left = FREE_MEMORY[]()
    count * BYTES_OF_AN_EVENT > left && throw(RfError(:rf_model_set_callback, RF_ERROR_MEMORY,
        "$count more events, which a run of a model without recording = false keeps, need " *
        "$(count * BYTES_OF_AN_EVENT ÷ 10^6) MB of memory, and $(round(Int, left / 1e6)) MB are free"))
    return nothing
end
