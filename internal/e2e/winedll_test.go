//go:build e2e

package e2e

import (
	"bytes"
	"encoding/binary"
)

// randomDLL returns the library bcryptprimitives.dll, which programs in Go need
// and Wine has from version 9 on. It exports one function, ProcessPrng, and
// forwards that to the one of the same meaning in advapi32.dll; there is no code
// in it.
func randomDLL() []byte {
	const (
		headers, page = 0x200, 0x1000 // bytes of all headers in the file; where the section is in memory
		directory     = 40            // bytes of the export directory
		addresses     = page + directory
		names         = addresses + 4
		ordinals      = names + 4
		texts         = ordinals + 2
		library       = "bcryptprimitives.dll\x00"
		function      = "ProcessPrng\x00"
		target        = "advapi32.SystemFunction036\x00"
		size          = texts - page + len(library) + len(function) + len(target)
	)
	var b bytes.Buffer
	put := func(values ...any) {
		for _, value := range values {
			binary.Write(&b, binary.LittleEndian, value)
		}
	}
	// The old header, which leads to the new one right after it.
	put([]byte("MZ"), make([]byte, 58), uint32(64))
	put([]byte("PE\x00\x00"))
	// Machine, sections, time, symbols, size of the next header, kind of file.
	put(uint16(0x8664), uint16(1), uint32(0), uint32(0), uint32(0), uint16(240), uint16(0x2022))
	// 64 bits; sizes of code and data, entry, base of code; image base, alignments.
	put(uint16(0x20b), uint16(0), uint32(0), uint32(0x200), uint32(0), uint32(0), uint32(page))
	put(uint64(0x180000000), uint32(page), uint32(0x200))
	// Versions; sizes of image and headers, checksum, subsystem, flags.
	put(uint16(6), uint16(0), uint16(0), uint16(0), uint16(6), uint16(0), uint32(0))
	put(uint32(2*page), uint32(headers), uint32(0), uint16(3), uint16(0x100))
	// Stack and heap; the directories, of which only the exports are there.
	put(uint64(1<<20), uint64(1<<12), uint64(1<<20), uint64(1<<12), uint32(0), uint32(16))
	put(uint32(page), uint32(size), make([]byte, 15*8))
	// The section.
	put([]byte(".edata\x00\x00"), uint32(size), uint32(page), uint32(0x200), uint32(headers), make([]byte, 12), uint32(0x40000040))
	put(make([]byte, headers-b.Len()))
	// The export directory: one function, by one name.
	put(uint32(0), uint32(0), uint32(0), uint32(texts), uint32(1), uint32(1), uint32(1))
	put(uint32(addresses), uint32(names), uint32(ordinals))
	put(uint32(texts+len(library)+len(function)), uint32(texts+len(library)), uint16(0))
	put([]byte(library + function + target))
	put(make([]byte, headers+0x200-b.Len()))
	return b.Bytes()
}
