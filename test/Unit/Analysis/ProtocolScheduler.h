// Runs the events of a kernel's roles, in every block of a cluster, under random interleavings, with copies and products that end at
// random moments, as a machine would. It knows no clocks: it looks for the damage itself. What it finds, the proof has to refuse.
#ifndef ATTN_TEST_UNIT_ANALYSIS_PROTOCOLSCHEDULER_H
#define ATTN_TEST_UNIT_ANALYSIS_PROTOCOLSCHEDULER_H

#include "RingProtocol/Program.h"

#include <random>
#include <string>

namespace attn::test {

/// One random run. Yields what went wrong, or an empty string.
std::string runRandomly(const analysis::Program &program, const analysis::Traces &traces, std::mt19937 &random);

} // namespace attn::test

#endif // ATTN_TEST_UNIT_ANALYSIS_PROTOCOLSCHEDULER_H
