//go:build !unix

package events

const noBlock, noFollow = 0, 0
