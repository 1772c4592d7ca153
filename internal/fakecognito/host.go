package fakecognito

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// isForUs reports whether the Host header names this machine: a loopback name or
// address, or the address that the connection was made to.
func isForUs(r *http.Request) bool {
	host := hostOf(r.Host)
	address, err := netip.ParseAddr(host)
	if err != nil {
		name := strings.ToLower(strings.TrimSuffix(host, "."))
		return name == "localhost" || strings.HasSuffix(name, ".localhost")
	}
	if address.Unmap().IsLoopback() {
		return true
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil {
		return false
	}
	own, err := netip.ParseAddrPort(local.String())
	return err == nil && own.Addr().Unmap() == address.Unmap()
}

// hostOf is a Host header without its port and the brackets of IPv6.
func hostOf(header string) string {
	if host, _, err := net.SplitHostPort(header); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(header, "["), "]")
}
