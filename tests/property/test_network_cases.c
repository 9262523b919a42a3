/* test_network_cases.c: networks whose structure rounding must not hide (docs/mathematics.md 7).
 * SPDX-License-Identifier: MIT */
#include "network_data.h"
#include "run.h"

#include <math.h>

/* d = 1: neuron 0 sees the rows -1 and -3/2, neuron 1 the rows 1 and 2, all on one line.  Neuron 0 has
 * H = 13/4, b = (-1)(-1/2) + (-3/2)(-1/2) = 5/4, so that w = 5/13 + (-1 - 5/13) e^{-13t/4} reaches 0 at
 * t = (4/13) ln(18/5).  It goes through, and both together fit the rows 1 and 2: w_0 + w_1 = (2 + 6)/5. */
START_TEST(both_sides_of_a_line)
{
    network t = {4, 1, 2, {1, -1, 2, -1.5}, {2, -0.5, 3, -0.5}, {1, 1, 1, 1}, {1, 1}, {-1, 1}};
    finished f = network_finish(&t);

    ck_assert_int_ge(f.events, 1);
    ck_assert_int_eq(f.event[0].neuron, 0);
    ck_assert_double_le(fabs(f.event[0].time - log(3.6) * 4 / 13), 1e-15);
    ck_assert_double_le(fabs(f.w[0] + f.w[1] - 1.6), 1e-14);
    finished_free(&f);
}
END_TEST

/* Neuron 1 follows a part of what neuron 0 does, and its multiplier of datum 3 tends to exactly 0 while the
 * loss does not: rounding must not take it off the kink. */
START_TEST(vanishing_multiplier)
{
    network t = {
        10,
        2,
        2,
        {-1.217124196664833,   0.13028966967630645, 0.40777734446031866, -1.8132890234777241,
         0.07222193239853408,  -0.28394490647624615, -0.08933278617031395, 0.654839207956117,
         -1.8487895900670857,  0.20116276361957708, 0.3139271546381273, -0.18422755301181204,
         -0.8591562759368417,  -0.29038515617375454, -1.7861891067479183, -1.158024355052306,
         -1.4092848243730554,  0.19951454729796458, 1.4264916842229256, -0.15348802982286205},
        {-1.1346470082677793, 0.11065762654455336, 0.0194537082134858, 0.6765411490536306,
         -0.2806588476417686, -0.7634997622037365, 0.8329819865737118, 0.03949976368103325,
         -1.292946089544186, -0.629761188605874},
        {0.5856452558066272, 1.0893734057326407, 1.2131488104894514, 1.1263046244137394,
         1.426469948021267, 0.9244632401372984, 1.1036033575112136, 1.420071584390086,
         1.7741568201629392, 1.6846849734282736},
        {0.8384997681322579, -1.2439147462657778},
        {-2.7014326549523053, -0.9612924942324349, -0.7673307454487491, 0.3182873881169918}};
    uint8_t state[20];

    for (int k = 0; k < 12; k++) {
        network u = t;
        const double scale = 0.3 + 0.1 * k;
        finished f;

        for (int64_t j = 0; j < 2; j++)
            u.a[j] /= scale;
        for (int64_t l = 0; l < 4; l++)
            u.w[l] *= scale;
        f = network_finish(&u);
        ck_assert_int_eq(rf_model_pattern(f.model, state, 20), RF_OK);
        ck_assert_int_eq(state[10 + 3], 2);
        ck_assert_int_eq(f.event[f.events - 1].datum, 2);
        finished_free(&f);
    }
}
END_TEST

/* Neuron 2 leaves its origin when the residual of datum 1, all that acts on it between two rays, turns:
 * both rays are ways out then, and so is all between them.  It leaves along that on the kink of datum 2, at
 * once and without touching the other; in the same instant neuron 0 leaves the kink of datum 4. */
START_TEST(two_ways_out)
{
    network t = {
        7,
        2,
        3,
        {0.4796603676863439, 0.42412332754215504, -0.4762210990512088, 0.23768982836041472,
         -0.2965310800462528, 0.5402089103528331, 1.5697262197103308, 1.2142434103116815,
         0.7415245190052464, -0.8244267726779205, 1.130217773742589, -0.3676489447858343,
         1.9979610126199094, -0.17943518048381632},
        {-0.41660462023749933, -2.4583388500528978, -3.6813564326025485, -0.10609803575919019,
         -1.5056258782108638, -1.9582895356962244, -2.414424528322521},
        {1, 1, 1, 1, 1, 1, 1},
        {0.9170108367558761, -1.3301464533729364, 0.8150779323077865},
        {-0.9628232471130849, 0.4541335988271831, -0.016630993494785043, 0.23722433674581941,
         0.42434725093855913, 0.9105643650710338}};
    const struct {
        int64_t neuron, datum;
        int32_t kind;
    } expected[] = {{0, 4, RF_EVENT_SLIDE_EXIT_INACTIVE},
                    {2, -1, RF_EVENT_ORIGIN_EXIT},
                    {2, 1, RF_EVENT_ACTIVATE},
                    {2, 2, RF_EVENT_SLIDE_ENTER}};
    finished f = network_finish(&t);

    ck_assert_int_eq(f.events, 12);
    for (int k = 0; k < 4; k++) {
        ck_assert_double_le(fabs(f.event[5 + k].time - 2.204868996455206), 1e-14);
        ck_assert_int_eq(f.event[5 + k].neuron, expected[k].neuron);
        ck_assert_int_eq(f.event[5 + k].datum, expected[k].datum);
        ck_assert_int_eq(f.event[5 + k].kind, expected[k].kind);
    }
    finished_free(&f);
}
END_TEST

/* Neuron 0 is held at its origin though phi is negative somewhere; where phi turns on a ray whose kink pulls
 * outwards (Gamma > 0) there is no way out along it, for no pair slides with Gamma > 0. */
START_TEST(no_way_out)
{
    network t = {
        10,
        2,
        3,
        {1.11513492415084, -0.8230852731964909, 0.341517648025147, -1.2348033093391781,
         1.625312315877687, 1.0650537617926836, 0.22657973597233746, -0.45924554070558277,
         -0.061879466876139266, 1.2339625638732186, -1.5470732242296623, -0.4068595792209878,
         -0.06701704066258024, -0.1117526232492654, -0.415722176319951, -0.19716458011205945,
         1.1757718213310353, -0.17039829887968286, 0.9252948119986227, -1.1848255876466391},
        {-1.1817392086451237, 2.5644751334923566, 3.629981567102443, 0.23214644054362954,
         -1.5071108635380042, 0.3006147043065357, 0.5846288871357228, -0.1082398910690544,
         -1.2623701921605512, -0.6014311497791505},
        {1.5621501587138822, 0.49993680725450595, 1.2735149500775398, 1.0110388445763654,
         1.6592409147214742, 0.3859960726114363, 1.259532326275124, 0.7538593127929032,
         1.5331467584313703, 1.9114709628855213},
        {0.9144435528850159, 0.9647908991965777, 0.9619211946903727},
        {-1.0281388431892324, 0.044363654010491145, 0.5397284873640101, 2.0002461060452186,
         -1.839477401088201, 0.05737297869018567}};
    finished f = network_finish(&t);

    for (int64_t k = 0; k < f.events; k++) {
        double r[MOST_ROWS];

        if (f.event[k].kind != RF_EVENT_SLIDE_ENTER)
            continue;
        finished_ask(&f, f.event[k].time, RF_RESIDUALS, r);
        ck_assert_double_lt(-t.a[f.event[k].neuron] * r[f.event[k].datum], 1e-12);
    }
    finished_free(&f);
}
END_TEST

/* Neuron 0 arrives at w_0 = 0 when nothing but rounding is left of the pulls in the cone that it enters: an inner
 * flow in rounding need not end. */
START_TEST(pulls_that_cancel)
{
    const network t = {
        10,
        2,
        6,
        {0.6036375528735854, -1.1418574421527496, -0.09082113994027469, -1.027465196004958,
         -1.9191008718912925, -0.5802660028929797, -0.7802223814748493, -1.0392651646675288,
         -0.5359901058399394, 0.8027460450659695, 0.2286486552518103, 0.08350042771972999,
         -0.5468627956055238, -0.7222680045143969, 2.300891769965491, 0.43396801378497063,
         0.14703819405964846, -0.39090886106604694, -0.04676701337347267, -0.3048310087773869},
        {-0.08110664553349527, -0.22944755497031674, 1.1185284559941546, -1.2709145456995898,
         0.5925344924914794, -0.14377354781517143, -0.6931199126379675, -0.9675469502820008,
         -0.9518375678353381, -0.5835365095697328},
        {1.535971503459465, 1.6628974861491561, 0.7741817950766509, 1.5553631027878299,
         1.708800758880419, 0.8013195797688892, 0.6717361653261374, 1.3014705948295906,
         0.6752799898802005, 1.4505194711489748},
        {-2.515826045259467, 6.855104355352305, -9.20452026417814, -0.01995431633842057,
         -0.07844830950982808, -0.6912106068774538},
        {0.25285261431794964, 30.84200406263825, -0.003724491337845071, -7.52821419232536,
         -0.0023525456000925695, 0.004356943325965713, 0.00028841376440698715,
         -0.009607760250001521, 0.00026801840648349136, 11.408644180955257, 1.1243717517481653,
         -6.509611305108171}};
    finished f = network_finish(&t);
    double flags;

    finished_ask(&f, INFINITY, RF_FLAGS, &flags);
    ck_assert_int_ne((int)flags & RF_FLAG_DOUBTFUL, 0);
    finished_free(&f);
}
END_TEST

int main(void)
{
    const test_entry entries[] = {
        {"both sides of a line", both_sides_of_a_line, 0},
        {"vanishing multiplier", vanishing_multiplier, 0},
        {"two ways out", two_ways_out, 0},
        {"no way out", no_way_out, 0},
        {"pulls that cancel", pulls_that_cancel, 0},
    };

    return run_tests("property network cases", entries, sizeof entries / sizeof *entries);
}
