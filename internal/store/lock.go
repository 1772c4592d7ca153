package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"cognito-confirm/internal/lease"
)

const (
	// LeaseLength is for how long a run may start calls after it asked for the
	// lock, or for its renewal.
	LeaseLength = 12 * time.Second
	// renewEvery is how often the lock is renewed.
	renewEvery = 5 * time.Second
	// takeOverAfter is how long a lock must have stayed the same, as seen by the run
	// that waits for it. It is longer than LeaseLength by what a last call may take
	// to get from the lease to the wire.
	takeOverAfter = 20 * time.Second
	// lookEvery is how often a waiting run looks at the lock.
	lookEvery = time.Second
	// lockTime is how long a request about a lock may take.
	lockTime = 4 * time.Second
)

// Holder is who holds a lock. It is what is in the object.
type Holder struct {
	// Run is a name that one run of a process has, and no other ever.
	Run     string `json:"run"`
	Host    string `json:"host"`
	Process int    `json:"process"`
	// Renewals counts them, so that each one is another content.
	Renewals int `json:"renewals"`
}

func (h Holder) String() string {
	return fmt.Sprintf("host %s, process %d", h.Host, h.Process)
}

// LockedError means that another run holds a lock, or has taken it over.
type LockedError struct {
	Holder Holder
	// TakenOver: from this run, which held it before.
	TakenOver bool
}

func (e *LockedError) Error() string {
	if e.TakenOver {
		return fmt.Sprintf("another run has taken over from this one (%s)", e.Holder)
	}
	return fmt.Sprintf("another run is at it (%s)", e.Holder)
}

// ErrUnlocked means that the lock of this run is gone: another run has taken it over and
// has ended since, or somebody has removed it.
var ErrUnlocked = errors.New("the lock of this run is gone: another run has taken over and ended since, or somebody has removed it")

// Lock is an object that one run at a time holds. It is renewed until Release, and
// so is the lease that goes with it. Make one with Acquire.
type Lock struct {
	store  Store
	name   string
	lease  *lease.Lease
	stop   context.CancelFunc
	ended  chan struct{}
	before string

	// These two belong to Acquire, and then to the goroutine that keeps the lock.
	holder Holder
	tag    string
}

// Acquire creates the lock of that name for the holder, or takes over one that
// stays the same for 20 s, and renews it every 5 s from then on. Nobody's clock is
// compared: what counts is the time that this process waits. When the lock of
// another run moves on, the error is a [*LockedError]. A store that does not answer
// is asked again for as long as the patience lasts.
//
// The lease is held by each renewal for its length, and lost when another run has
// taken the lock over.
func Acquire(ctx context.Context, s Store, name string, holder Holder, l *lease.Lease, patience time.Duration) (*Lock, error) {
	k := &Lock{store: s, name: name, lease: l, holder: holder, ended: make(chan struct{})}
	err := Persist(ctx, patience, k.acquire)
	if err != nil {
		return nil, err
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	k.stop = stop
	go k.keep(renewing)
	return k, nil
}

// acquire tries until it is decided whose the lock is.
func (k *Lock) acquire(ctx context.Context) error {
	var seen string     // the tag that the lock had
	var since time.Time // when it was first seen
	for {
		err := k.write(ctx, Condition{Absent: true})
		if !isConflict(err) {
			return err
		}
		current, tag, err := readLock(ctx, k.store, k.name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // it was given back just now
		case errors.Is(err, errMoved):
		case err != nil:
			return err
		case current.Run == k.holder.Run:
			// The answer to an earlier attempt was lost. The lease is not counted
			// from then: the next attempt renews it.
			if err := k.write(ctx, Condition{Tag: tag}); !isConflict(err) {
				return err
			}
			continue
		case seen == "":
			seen, since = tag, time.Now()
		case tag != seen:
			return &LockedError{Holder: current}
		case time.Since(since) >= takeOverAfter:
			k.before = current.Run
			err := k.write(ctx, Condition{Tag: tag})
			if isConflict(err) {
				seen = "" // another one was faster, or the holder is back
				continue
			}
			return err
		}
		if err := pause(ctx, lookEvery); err != nil {
			return err
		}
	}
}

// write writes the lock as this run's, and renews the lease.
func (k *Lock) write(ctx context.Context, condition Condition) error {
	ctx, cancel := within(ctx, lockTime)
	defer cancel()
	k.holder.Renewals++
	body, err := json.Marshal(k.holder)
	if err != nil {
		return fmt.Errorf("write lock: %w", err)
	}
	sent := time.Now()
	tag, err := k.store.Write(ctx, k.name, bytes.NewReader(body), Attributes{Condition: condition})
	if err != nil {
		return err
	}
	k.tag = tag
	k.lease.Renew(sent)
	return nil
}

// maxLock is how large the object is at most.
const maxLock = 4 << 10

// HolderOf returns whose a lock is, whether that run still lives or not. The error wraps
// [fs.ErrNotExist] when there is no lock.
func HolderOf(ctx context.Context, s Store, name string, patience time.Duration) (holder Holder, err error) {
	err = Persist(ctx, patience, func(ctx context.Context) (err error) {
		holder, _, err = readLock(ctx, s, name)
		return err
	})
	return holder, err
}

// readLock returns who holds the lock, and its tag.
func readLock(ctx context.Context, s Store, name string) (Holder, string, error) {
	ctx, cancel := within(ctx, lockTime)
	defer cancel()
	info, err := s.Stat(ctx, name)
	if err != nil {
		return Holder{}, "", err
	}
	text, err := s.Read(ctx, name, info, 0, min(info.Size, maxLock))
	if errors.Is(err, ErrChanged) {
		err = errMoved // the same for the caller
	}
	if err != nil {
		return Holder{}, "", err
	}
	var holder Holder
	if json.Unmarshal(text, &holder) != nil || holder.Run == "" {
		return Holder{}, "", &RefusedError{"read", name, "it is not a lock of this program", true}
	}
	return holder, info.Tag, nil
}

// errMoved means that the lock was written while this run was reading it.
var errMoved = errors.New("the lock has just been renewed")

// keep renews the lock until it is given back or lost.
func (k *Lock) keep(ctx context.Context) {
	defer close(k.ended)
	for wait := renewEvery; ; {
		if pause(ctx, wait) != nil {
			return
		}
		err := k.renew(ctx)
		if ctx.Err() != nil || k.isLost() {
			return
		}
		if wait = renewEvery; err != nil {
			wait = retryEvery
		}
	}
}

// renew renews the lock once. When the store answers that it is not as this run has
// left it, it looks whose it is: the answer to an earlier renewal may have been lost.
func (k *Lock) renew(ctx context.Context) error {
	err := k.write(ctx, Condition{Tag: k.tag})
	if !isConflict(err) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	holder, tag, err := readLock(ctx, k.store, k.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		k.lease.Lose(ErrUnlocked)
	case err != nil:
	case holder.Run != k.holder.Run:
		k.lease.Lose(&LockedError{Holder: holder, TakenOver: true})
	default:
		k.tag = tag
		return k.write(ctx, Condition{Tag: tag})
	}
	return err
}

func (k *Lock) isLost() bool {
	err := k.lease.Check()
	return err != nil && err != lease.ErrLapsed
}

// Before returns the run that the lock was taken over from, "" without one.
func (k *Lock) Before() string { return k.before }

// Stop ends the renewals and leaves the lock where it is: the next run waits until it
// may take it over.
func (k *Lock) Stop() {
	k.stop()
	<-k.ended
}

// Release stops and removes the lock, if it is still held: otherwise it may be
// another run's by now.
func (k *Lock) Release(ctx context.Context) error {
	k.Stop()
	return While(k.lease, k.store).Remove(ctx, k.name)
}
