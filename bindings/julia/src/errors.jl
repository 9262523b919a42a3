# errors.jl: negative statuses are exceptions, positive ones are results.
# SPDX-License-Identifier: MIT

"""
    RfError <: Exception

What the library refused.  Fields: `call::Symbol`, the C function; `status::Int32`, the negative
status (compare with `ReluFlow.RF_ERROR_ARGUMENT` and its like); `message::String`, what was wrong
in the library's words, which count indices from 0.
"""
struct RfError <: Exception
    call::Symbol
    status::Int32
    message::String
end

const STATUS_NAMES = Dict(value => name for (name, value) in CONSTANTS
                          if name in (:RF_OK, :RF_STOPPED, :RF_EVENT_LIMIT, :RF_NO_EVENT) ||
                             startswith(String(name), "RF_ERROR_"))

status_name(status) = get(STATUS_NAMES, Int32(status), Symbol("status ", status))

# A status as the functions of this module give it: :ok, :stopped, :event_limit, ...
function status_symbol(status)
    name = String(status_name(status))
    return startswith(name, "RF_ERROR_") ? Symbol(lowercase(name[10:end])) :
           startswith(name, "RF_") ? Symbol(lowercase(name[4:end])) : Symbol(name)
end

function Base.showerror(io::IO, e::RfError)
    print(io, "RfError: ", e.message, " (", status_name(e.status), " from ", e.call)
    occursin(r"\[\d+\]", e.message) && print(io, "; indices count from 0")
    print(io, ")")
end

# check(call, status, text): the status unless it is an error.  The text is what the library has to
# say beyond the name of the status, "" for nothing.
function check(call::Symbol, status::Int32, text::AbstractString = "")
    status < 0 || return status
    throw(RfError(call, status, isempty(text) ? unsafe_string(rf_status_string(status)) : text))
end

# check(call, status, model): the same for a call that may change the model, which then knows what
# was wrong.
function check(call::Symbol, status::Int32, handle)
    status < 0 || return status
    return check(call, status, unsafe_string(rf_model_error(handle)))
end

# A buffer for a message of the library.
message_buffer() = zeros(UInt8, 256)
message_text(buffer) = GC.@preserve buffer unsafe_string(pointer(buffer))
