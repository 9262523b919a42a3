# library.jl: finds the shared library, and sees to it that it is one this module can use.
# SPDX-License-Identifier: MIT

"""
    BINDING_VERSION

The version of the header that this module was written for.
"""
const BINDING_VERSION = v"0.1.0"

const LIBRARY = Ref{Ptr{Cvoid}}(C_NULL)

# The names under which the dynamic loader is asked for the library, in this order.
const SONAMES = Sys.isapple() ? ["libreluflow.0.dylib", "libreluflow"] :
                                ["libreluflow.so.0", "libreluflow"]

function unpack_version(v::UInt32)
    return VersionNumber(v >> 16, (v >> 8) & 0xff, v & 0xff)
end

# open_library(): the handle and the name by which it was found.
function open_library()
    chosen = get(ENV, "RELUFLOW_LIBRARY", "")
    names = isempty(chosen) ? SONAMES : [chosen]
    said = String[]
    for name in names
        try
            return Libdl.dlopen(name), name
        catch e
            push!(said, e isa ErrorException ? e.msg : sprint(showerror, e))
        end
    end
    hint = isempty(chosen) ?
        "Install reluflow where the dynamic loader looks, or set the environment variable " *
        "RELUFLOW_LIBRARY to the path of libreluflow.so before Julia starts." :
        "The environment variable RELUFLOW_LIBRARY names it."
    error("ReluFlow: the library reluflow could not be loaded.\n  ", join(said, "\n  "), "\n", hint)
end

# missing_functions(handle): the names of the header that a library does not have.
function missing_functions(handle)
    return [d.name for d in DECLARATIONS if Libdl.dlsym(handle, d.name; throw_error = false) === nothing]
end

# refusal(found, missing): why a library of this version and without these functions cannot be used,
# or nothing.  Numbers and layouts of the header never change within a major version
# (docs/abi.md), so another minor version is fine as long as nothing is missing.
function refusal(found::VersionNumber, missing::Vector{Symbol})
    if found.major != BINDING_VERSION.major
        return "it is version $found, and this module was written for version " *
               "$(BINDING_VERSION.major).x ($BINDING_VERSION).  Use the module that comes with it."
    elseif !isempty(missing)
        age = found < BINDING_VERSION ? "older than this module" :
              found > BINDING_VERSION ? "newer than this module" : "of another build"
        return "it is $age ($found; the module is for $BINDING_VERSION) and lacks " *
               join(missing, ", ") * ".  Use a library and a module of the same version."
    end
    return nothing
end

function load_library()
    handle, name = open_library()
    version = Libdl.dlsym(handle, :rf_version; throw_error = false)
    version === nothing &&
        error("ReluFlow: $name is no reluflow library: it has no function rf_version.")
    found = unpack_version(ccall(version, UInt32, ()))
    why = refusal(found, missing_functions(handle))
    why === nothing || error("ReluFlow: $name cannot be used: ", why)
    for (i, d) in enumerate(DECLARATIONS)
        POINTERS[i] = Libdl.dlsym(handle, d.name)
    end
    LIBRARY[] = handle
    return nothing
end

"""
    library_version() -> VersionNumber

The version of the library that was loaded; [`BINDING_VERSION`](@ref ReluFlow.BINDING_VERSION) is
that of the header this module was written for.
"""
library_version() = unpack_version(rf_version())

"""
    library_path() -> String

The file from which the library was loaded.
"""
library_path() = Libdl.dlpath(LIBRARY[])
