/* test_team.c: every job is done once, whatever the number of members, in many short pieces of work.
 * SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/team.h"

enum { JOBS = 40, ROUNDS = 500 };

typedef struct tally {
    int32_t done[JOBS], members;
    int64_t total;
} tally;

static void one_job(void *context, int32_t member, int64_t index)
{
    tally *t = context;
    if (member >= 0 && member < t->members)
        ++t->done[index]; /* a job of its own for each index: no two members write here */
}

/* Some pieces of work begin at once after the one before, some only after the others have fallen asleep. */
static void work(rfi_team *team, tally *t, int64_t size)
{
    int64_t round, k;
    volatile int64_t wait;
    for (round = 0; round < ROUNDS; ++round) {
        for (k = 0; k < JOBS; ++k)
            t->done[k] = 0;
        t->total = round % (JOBS + 1);
        rfi_team_run(team, size, t->total, one_job, t);
        for (k = 0; k < JOBS; ++k)
            ck_assert_int_eq(t->done[k], k < t->total);
        for (wait = 0; wait < (round % 50 == 0 ? 200000 : 0); ++wait)
            ;
    }
}

START_TEST(every_job_once)
{
    static rfi_team team;
    tally t = {{0}, _i > 1 ? _i : 1, 0};
    int again;
    team.members = _i;
    for (again = 0; again < 2; ++again) {
        work(&team, &t, RFI_TEAM_STARTS);
        work(&team, &t, RFI_TEAM_SHARES);
        rfi_team_dismiss(&team);
        rfi_team_dismiss(&team);
        ck_assert_int_eq(team.started, 0);
    }
}
END_TEST

START_TEST(what_pays)
{
    rfi_team team = {0};
    tally t = {{0}, 2, 0};
    ck_assert(!rfi_team_pays(NULL, RFI_TEAM_STARTS));
    ck_assert(!rfi_team_pays(&team, RFI_TEAM_STARTS));
    team.members = 2;
    ck_assert(!rfi_team_pays(&team, RFI_TEAM_STARTS - 1));
    ck_assert(rfi_team_pays(&team, RFI_TEAM_STARTS));
    work(NULL, &t, RFI_TEAM_STARTS);
    work(&team, &t, RFI_TEAM_SHARES); /* too little to start it */
    ck_assert_int_eq(team.started, 0);
    work(&team, &t, RFI_TEAM_STARTS);
    ck_assert(rfi_team_pays(&team, RFI_TEAM_SHARES) == (team.started > 0));
    ck_assert(!rfi_team_pays(&team, RFI_TEAM_SHARES - 1));
    rfi_team_dismiss(&team);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("team");
    TCase *tcase = tcase_create("team");
    SRunner *runner;
    int failed;
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, every_job_once, 0, 6);
    tcase_add_test(tcase, what_pays);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
