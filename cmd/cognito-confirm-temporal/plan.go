package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
)

// plan tells where the chunks of an input are.
type plan struct {
	Size   int64     `json:"size"`
	SHA256 string    `json:"sha256"`
	Rows   int       `json:"rows"`
	Chunks []section `json:"chunks"`
}

// section is a chunk of the input and how many rows it has.
type section struct {
	rows.Section
	Rows int `json:"rows"`
}

// damagedError means that a file of the store is not what was written there.
type damagedError struct{ name string }

func (e *damagedError) Error() string {
	return fmt.Sprintf("%s in the store is not what this run has written there", e.name)
}

const (
	chunkTime    = 300 // seconds that a chunk takes at its rate
	minChunkRows = 1_000
	maxChunkRows = 500_000
	// autoRate is what is taken for the rate while that is to be found.
	autoRate = 66
)

// rowsEach returns how many rows a chunk has: few enough that it ends soon, and enough
// that the pause between two of them hardly counts.
func rowsEach(order Order) int {
	if order.ChunkRows > 0 {
		return order.ChunkRows
	}
	rate := order.Rate
	if rate == 0 {
		rate = autoRate
	}
	return int(min(max(rate*chunkTime, minChunkRows), maxChunkRows))
}

// makePlan reads the whole input once, and cuts it where a reader can go on. seen is
// called now and then.
func makePlan(ctx context.Context, j jobFile, object *store.Object, rowsEach int, seen func(rows int)) (plan, error) {
	hashed := &hashedObject{Object: object, sum: sha256.New()}
	in, err := rows.Open(ctx, j.input(hashed))
	if err != nil {
		return plan{}, err
	}
	p := plan{Size: object.Size()}
	chunk := section{Section: rows.Section{From: in.Start()}}
	for {
		_, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return plan{}, err
		}
		if p.Rows++; p.Rows%4096 == 0 {
			seen(p.Rows)
		}
		chunk.Rows++
		if place, ok := in.Mark(); ok && chunk.Rows >= rowsEach {
			chunk.To = place.Offset
			p.Chunks = append(p.Chunks, chunk)
			chunk = section{Section: rows.Section{From: place}}
		}
	}
	if chunk.Rows > 0 || len(p.Chunks) == 0 {
		p.Chunks = append(p.Chunks, chunk)
	}
	p.Chunks[len(p.Chunks)-1].To = p.Size
	if p.SHA256 = hashed.hex(); p.SHA256 != j.SHA256 {
		return plan{}, &damagedError{inputName}
	}
	return p, nil
}

// hashedObject takes the hash of an object that is read once from its start to its end.
type hashedObject struct {
	*store.Object
	sum hash.Hash
}

// NewReader implements [rows.Object].
func (o *hashedObject) NewReader(from, to int64) io.Reader {
	return io.TeeReader(o.Object.NewReader(from, to), o.sum)
}

func (o *hashedObject) hex() string { return hex.EncodeToString(o.sum.Sum(nil)) }
