package job

import (
	"context"
	"time"

	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
)

// openInput opens a file or an object. The patience is for a store that does not
// answer.
func openInput(ctx context.Context, input rows.Options, b *buckets, patience time.Duration) (*rows.Input, error) {
	if input.Object != nil || !store.IsAddress(input.Path) {
		return rows.Open(ctx, input)
	}
	s, key, err := b.find(ctx, input.Path)
	if err != nil {
		return nil, err
	}
	object, err := store.OpenObject(ctx, s, key, patience)
	if err != nil {
		return nil, err
	}
	input.Object = object
	return rows.Open(ctx, input)
}
