// Package progress tells how far something has come, in as many words as there
// is room for.
//
// The one idea in it: what is shown is a pure function of a [View] and a width.
// A line is a list of parts, each with a rank; what does not fit is shortened or
// left out, the least important first, and a line never wraps. Where the numbers
// come from, when lines are drawn and on what is for others.
package progress
