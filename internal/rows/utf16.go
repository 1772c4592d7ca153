package rows

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Reader reads UTF-16 as UTF-8. Broken UTF-16 comes out as broken UTF-8, so
// that a username with such bytes is refused. With a replacement character in their
// place it would be another user's name.
type utf16Reader struct {
	in    io.Reader
	order binary.ByteOrder

	raw     []byte // read, and not yet decoded
	decoded []byte // not yet delivered
	high    rune   // the first half of a surrogate pair, or 0
	err     error
}

func newUTF16Reader(in io.Reader, order binary.ByteOrder) *utf16Reader {
	return &utf16Reader{in: in, order: order, raw: make([]byte, 0, bufferSize)}
}

// Read implements [io.Reader].
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.decoded) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		u.fill()
	}
	n := copy(p, u.decoded)
	u.decoded = u.decoded[n:]
	return n, nil
}

func (u *utf16Reader) fill() {
	n, err := u.in.Read(u.raw[len(u.raw):cap(u.raw)])
	u.raw, u.err = u.raw[:len(u.raw)+n], err
	u.decoded = u.decoded[:0]
	whole := len(u.raw) &^ 1
	for i := 0; i < whole; i += 2 {
		u.add(rune(u.order.Uint16(u.raw[i:])))
	}
	u.raw = u.raw[:copy(u.raw, u.raw[whole:])]
	if u.err != nil && isWhole(u.err) {
		u.flush()
		if len(u.raw) > 0 {
			u.decoded = append(u.decoded, 0xff) // half a unit
			u.raw = u.raw[:0]
		}
	}
}

// add decodes one unit.
func (u *utf16Reader) add(unit rune) {
	if pair := utf16.DecodeRune(u.high, unit); u.high != 0 && pair != utf8.RuneError {
		u.high = 0
		u.decoded = utf8.AppendRune(u.decoded, pair)
		return
	}
	u.flush()
	switch {
	case unit >= 0xd800 && unit < 0xdc00:
		u.high = unit
	case utf16.IsSurrogate(unit):
		u.decoded = appendHalf(u.decoded, unit)
	default:
		u.decoded = utf8.AppendRune(u.decoded, unit)
	}
}

// flush writes the first half of a pair whose second one did not come.
func (u *utf16Reader) flush() {
	if u.high != 0 {
		u.decoded = appendHalf(u.decoded, u.high)
		u.high = 0
	}
}

// appendHalf encodes half a surrogate pair as UTF-8 would, if it were allowed.
func appendHalf(b []byte, half rune) []byte {
	return append(b, 0xe0|byte(half>>12), 0x80|byte(half>>6)&0x3f, 0x80|byte(half)&0x3f)
}
