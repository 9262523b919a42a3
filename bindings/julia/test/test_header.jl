# test_header.jl: the declarations agree with the header, and would be caught if they did not.
# SPDX-License-Identifier: MIT

header_file = get(ENV, "RELUFLOW_HEADER",
                  joinpath(@__DIR__, "..", "..", "..", "include", "reluflow", "reluflow.h"))
header = read(header_file, String)

@testset "declarations agree with the header" begin
    @test Header.complaints(header) == String[]
    @test length(Header.functions(header)) == length(ReluFlow.DECLARATIONS) > 40
    @test length(Header.constants(header)) == length(ReluFlow.CONSTANTS) > 60
end

@testset "a header that drifted is noticed" begin
    # Each pair is a change that somebody might make to the header, and a word of the complaint.
    for (change, word) in [
            ("int64_t d, const double *X, const double *y," => "int64_t d, const double *X,") =>
                "rf_model_create",
            ("int32_t quantity, double *out, int64_t len);" =>
                "int64_t quantity, double *out, int64_t len);") => "rf_model_query",
            ("RF_API uint32_t rf_version(void);" => "") => "rf_version is declared here",
            ("RF_API uint32_t rf_version(void);" =>
                "RF_API uint32_t rf_version(void);\nRF_API void rf_new(int64_t n);\n") => "rf_new",
            ("RF_API uint32_t rf_version" => "RF_API int32_t rf_version") => "returns Int32",
            ("RF_LOSS = 4" => "RF_LOSS = 44") => "RF_LOSS is 44",
            ("RF_STOPPED = 1," => "RF_STOPPED = 1, RF_NEW = 9,") => "RF_NEW",
            ("    RF_ERROR_CORRUPT = -7," => "") => "RF_ERROR_CORRUPT",
            ("    int64_t datum;" => "    int32_t datum;") => "rf_event",
            ("    double w[2];" => "    double w[3];") => "rf_stationary_point",
            ("void (*release)(void *block, void *user)" => "void (*release)(void *block)") =>
                "release",
            ("const rf_event *event, void *user)" => "const rf_event *event)") => "callback",
            ("RF_RESIDUALS = 10,          /* (n)" => "RF_RESIDUALS = 10,          /* (d)") =>
                "RF_RESIDUALS"]
        changed = replace(header, change)
        @test changed != header
        bad = Header.complaints(changed)
        @test any(line -> occursin(word, line), bad)
    end
end

@testset "version of the header" begin
    # Meson's version is that of the header.
    meson = get(ENV, "RELUFLOW_VERSION", "")
    isempty(meson) || @test VersionNumber(meson) == ReluFlow.BINDING_VERSION
    project = read(joinpath(@__DIR__, "..", "Project.toml"), String)
    @test occursin("version = \"$(ReluFlow.BINDING_VERSION)\"", project)
    @test ReluFlow.library_version().major == ReluFlow.BINDING_VERSION.major
    @test isfile(ReluFlow.library_path())
end
