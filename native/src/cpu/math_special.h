// Functions that libm lacks, in f64; f32 results are these, rounded.
#pragma once

namespace lockstep {

double log_gamma(double x);
double digamma(double x);

}  // namespace lockstep
