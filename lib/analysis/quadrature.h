/* quadrature: integrals of smooth functions that have no closed form, by adaptive Gauss-Kronrod rules.
 * SPDX-License-Identifier: MIT */
#ifndef RFI_QUADRATURE_H
#define RFI_QUADRATURE_H

typedef struct rfi_integrand {
    double (*at)(const void *context, double tau);
    const void *context;
} rfi_integrand;

/* The integral from a to b to 1e-11 relative by the estimate of the rules, halved no more than depth times. */
double rfi_integral(const rfi_integrand *f, double a, double b, int depth);

#endif
