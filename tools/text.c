/* text.c: parts of the texts for a person that all commands share.
 * SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdio.h>

#include <reluflow/reluflow.h>

#include "names.h"

void text_title(const char *title, const struct network *network)
{
    printf("reluflow %s: %s of ", rf_version_string(), title);
    if (network->count == 1) {
        puts("one neuron\n");
    } else {
        printf("%lld neurons\n\n", (long long)network->count);
    }
}

enum { MOST_OUTER_WEIGHTS = 12 };

void text_name(const char *name, int width)
{
    const char *at;

    for (at = name; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        putchar(byte < 0x20 || byte == 0x7f ? '?' : byte);
        width -= (byte & 0xc0) != 0x80;
    }
    printf("%*s", width > 0 ? width : 0, "");
}

void text_data(const struct dataset *data)
{
    int64_t constant = 0;
    int64_t k;

    printf("Data         ");
    text_name(data->source, 0);
    printf("%s: rows n = %lld, columns d = %lld%s, label \"", data->bundled ? " (bundled)" : "",
           (long long)data->n, (long long)data->d,
           data->d > data->variables ? " (with the bias)" : "");
    text_name(data->label, 0);
    puts("\"");
    if (data->bundled) {
        puts("             Efron, Hastie, Johnstone, Tibshirani, Annals of Statistics 32 (2004)");
    }
    for (k = 0; data->deviation != NULL && k < data->variables; k++) {
        if (data->deviation[k] == 0) {
            printf(constant++ == 0 ? "Constant     set to 0: " : ", ");
            text_name(data->names[k], 0);
        }
    }
    if (constant > 0) {
        putchar('\n');
    }
}

static void text_outer_weights(const struct network *network)
{
    const int64_t shown = network->count < MOST_OUTER_WEIGHTS ? network->count : MOST_OUTER_WEIGHTS;
    int64_t j;

    printf("Neurons      m = %lld, outer weights", (long long)network->count);
    for (j = 0; j < shown; j++) {
        printf("%s %.6g", j > 0 ? "," : "", network->a[j]);
    }
    puts(shown < network->count ? ", ..." : "");
}

void text_neuron(const struct options *options, const struct network *network)
{
    if (network->asked) {
        text_outer_weights(network);
    }
    printf("Neuron       %s", name_of_activation(options->activation.kind));
    if (options->activation.kind == RF_LEAKY_RELU) {
        printf(", slope %.6g", options->activation.slope);
    }
    printf("; %s; %s; %s\n",
           options->standardize ? "variables standardized" : "variables as they are",
           options->bias ? "bias" : "no bias",
           options->mean_loss ? "mean loss (c = 1/n)" : "summed loss (c = 1)");
}

void text_flags(int32_t flags)
{
    const char *lead = "Flags        ";

    if ((flags & RF_FLAG_AMBIGUOUS) != 0) {
        printf(
            "%snot unique: more than one solution may leave some kink; the documented choice was "
            "made\n",
            lead);
        lead = "             ";
    }
    if ((flags & RF_FLAG_DOUBTFUL) != 0) {
        printf("%sdoubtful: some decision was closer to a tie than rounding can tell, or columns "
               "differ so much in "
               "scale that part of the flow was lost\n",
               lead);
        lead = "             ";
    }
    if (*lead == 'F') {
        printf("%snone\n", lead);
    }
}
