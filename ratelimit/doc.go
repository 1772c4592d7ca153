// Package ratelimit sends as many calls to a service as its quota allows, when
// the quota is unknown, changes, and other callers come first.
//
// The service never queues. It accepts a call or throttles it, so only the
// throttles tell something, not the latency. It may count with a deep or shallow
// token bucket, or in windows of a second; callers cannot see which. A fixed rate is
// therefore nearly always wrong: too low, or too high for everybody. The one
// idea here is: find the edge, cruise a little below it, yield when pushed.
//
// The edge is the ceiling: the calls a second that the service accepted when it
// began to throttle. Below it the service's bucket fills, so that most of the
// time nobody is throttled at all. What throttles mean depends on where the rate
// was when they came:
//
//   - Above the ceiling, or with none known, the rate grew into the unknown.
//     The answers arrive a round trip too late, and part of what was accepted
//     came out of the bucket, so the measure is too high. Halve the rate, let
//     the bucket recover, settle at the ceiling, and measure again if that
//     was still too much.
//   - At the ceiling, a probe of our own found the edge where it was, or
//     near. Correct the ceiling and go on cruising below it.
//   - Below the ceiling, they may be noise (a throttle may have nothing to do
//     with the quota), so the first time costs a short step back. More of them
//     during the step back are a sign: somebody else needs the quota. Yield,
//     for long enough to make an attempt to return cheap, then climb back to
//     the remembered ceiling.
//
// One throttled call never moves the rate on its own, except where throttles
// are expected: above the ceiling, and above the rate at which others were just
// met (see isOverloaded). And nothing moves it while, after a cut, the service
// lets nobody in at all (see isWindowSpent). The states:
//
//	            over the ceiling,
//	+---------+ or none known yet    +----------+  again, ceiling unproven
//	| finding |--------------------->| settling |------------+
//	| x1.35/s |                      |   2 s    |<-----------+
//	+---------+   +----------------->|          |--------------+
//	              |                  +----------+  again,      |
//	              |                       |        ceiling     |
//	              | throttled below       | 2 s    proven      |
//	              | the ceiling, or       v over               v
//	              | far above it     +----------+         +----------+
//	              +------------------| cruising |         | yielding |<-+
//	              |                  | (1-h) C  |<---+    |  dwell   |--+
//	              |                  +----------+    |    +----------+ again
//	              |              hold |     ^        |       |    ^
//	              |              over |     | edge   |       |    |
//	              |                   v     | found  |  over v    | again
//	              |                  +----------+    |    +-----------+
//	              +------------------| probing  |    +----| returning |
//	                                 | through C|   back  |    8 s    |
//	                                 +----------+         +-----------+
//
// Three arrows are left out. Throttles in the first seconds of a cruise or a
// probe that follows a return lead back to yielding: the others are still
// there. When only few calls were throttled over the ceiling, that may be
// noise, and probing goes on from what was accepted, without settling. And a
// cap that is lifted from a cruise or a probe leads to settling.
//
// C is the ceiling and h the headroom. A probe follows the cubic
// C(1+h(t/k-1)^3), which is flat where the edge is expected and steep beyond.
// In every state, the rate does not grow while far fewer calls are answered
// than it allows: then something else is the limit, and an accepted call
// proves nothing. It never exceeds the cap.
//
// Some services refuse their surplus with errors or by a reset, so a failed call
// counts as a throttled one, and the rate does not grow while many calls fail.
// When nothing gets through at all, that is an outage, which has nothing to do
// with the rate. The machine stands still as it was before.
//
// A ceiling may have been measured in a bad second and be far too low. It is
// doubtful until a probe has met it. While it is, the cruise lasts 4 s, and the
// probe is steep. Each time a probe meets it, the cruise may last twice as long.
// These probes are many in the first minute. So that live traffic does not pay for
// them, a cruise leaves twice the headroom until two probes have found an edge.
//
// Throttles that do not answer to the rate are noise: they refuse the same share
// of the calls after a cut as before. Where a share between 1 and 10 % has done
// so for some hundred calls, a cut takes that many more. Before that is sure, it is a
// suspicion: the ceiling stays doubtful, and a single refused call ends no probe.
//
// A service that is ill fails for a larger share of the calls, whatever the rate. As
// long as that may be a surplus that is refused, the rate goes down. Where as many calls
// still fail at a quarter of what was accepted before, a lower rate does not help, and
// a cut takes that many more. This holds for failures and not for throttles: those
// show that somebody calls too much.
//
// Who does what: the Limiter waits, for tokens from a bucket. The meter counts
// answers. The machine is the diagram, as pure functions of its own state and a
// sample of the meter (machine.go for time that passes, overload.go for throttles).
// The noise, the ambient failures and the outage tell which calls prove nothing. The
// feedback connects them all.
package ratelimit
