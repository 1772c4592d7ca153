// Package ratelimit sends as many calls to a service as its quota allows,
// when the quota is unknown, moves, and belongs to others first.
//
// The service never queues. It accepts a call or throttles it, so latency
// tells nothing and only the throttles do; and how it counts (a token bucket
// deep or shallow, windows of a second) it does not say. A fixed rate is
// therefore wrong nearly always: too low, or too high for everybody. The one
// idea here is: find the edge, cruise a little below it, yield when pushed.
//
// The edge is the ceiling, the calls a second that the service was seen to
// accept at the moment when it said no. Below it the service's bucket fills,
// so that most of the time nobody is throttled at all. What happens next
// depends on where the rate was when throttles came, for that says what they
// mean:
//
//   - Above the ceiling, or with none known, the rate grew into the unknown.
//     The answers arrive a round trip too late and part of what was accepted
//     came out of the bucket, so the measure is too high: halve the rate, let
//     the bucket recover, settle at the ceiling, and measure again if that
//     was still too much.
//   - At the ceiling, a probe of our own found the edge where it was, or
//     near. The ceiling is corrected, and the cruise goes on below it.
//   - Below the ceiling, they may be noise (a throttle may have nothing to do
//     with the quota), so the first time costs a short step back. When more
//     come during the step back, it was none: somebody else needs the quota.
//     The rate stands aside, for as long as it takes to make an attempt to
//     return cheap, and then climbs back to the remembered ceiling.
//
// One throttled call never moves the rate on its own, except where throttles
// are expected, above the ceiling and above where others were just met (see
// overloaded), and nothing does while the service, after a cut, lets nobody in
// at all (see shut). The states:
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
// Two arrows are left out. Throttles in the first seconds of a cruise or a
// probe that began with a return lead back to yielding: the others are still
// there. And when only few calls were throttled over the ceiling, it may be
// noise: then probing goes on from what was accepted, without settling.
//
// C is the ceiling and h the headroom; a probe follows the cubic
// C(1+h(t/k-1)^3), which is flat where the edge is expected and steep beyond.
// Whatever the state, the rate does not grow while the calls really sent are
// far fewer than it allows: then something else is the limit, and an accepted
// call proves nothing. It never exceeds the cap.
//
// The decisions are pure functions of the state and a sample of the meter
// (control.go for the passing of time, cut.go for throttles); the Limiter
// around them only waits.
package ratelimit
