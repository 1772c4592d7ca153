//go:build !unix

package live

// Listen returns no signals: there are none here.
func Listen() (s Signals, stop func()) { return Signals{}, func() {} }
