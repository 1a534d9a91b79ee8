// Package ratelimit lets each client ask so often: a token bucket for each address, in a table of bounded size.
package ratelimit

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter is the buckets of all clients. Any goroutine may use it.
type Limiter struct {
	perSecond  rate.Limit
	burst      int
	clientsMax int

	mu      sync.Mutex
	clients map[netip.Prefix]*list.Element
	// recent is their buckets, the latest used in front. When the table is full the last one goes: it is the likeliest to be
	// full again, and a full one is the same as a new one.
	recent *list.List
}

type bucket struct {
	client netip.Prefix
	tokens *rate.Limiter
}

// New makes a limiter: perSecond tokens a second for each client, burst at once, and buckets for clientsMax clients; each
// must be positive.
func New(perSecond float64, burst, clientsMax int) *Limiter {
	return &Limiter{
		perSecond: rate.Limit(perSecond), burst: burst, clientsMax: clientsMax,
		clients: map[netip.Prefix]*list.Element{}, recent: list.New(),
	}
}

// Take takes a token of a client's. If none is there it says how long until one is.
func (l *Limiter) Take(client netip.Addr, now time.Time) (ok bool, wait time.Duration) {
	reservation := l.bucketOf(prefixOf(client)).ReserveN(now, 1)
	if wait = reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return false, wait
	}
	return true, 0
}

// Clients is how many buckets there are.
func (l *Limiter) Clients() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.recent.Len()
}

func (l *Limiter) bucketOf(client netip.Prefix) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found := l.clients[client]; found != nil {
		l.recent.MoveToFront(found)
		return found.Value.(*bucket).tokens
	}
	if l.recent.Len() == l.clientsMax {
		oldest := l.recent.Remove(l.recent.Back()).(*bucket)
		delete(l.clients, oldest.client)
	}
	made := &bucket{client, rate.NewLimiter(l.perSecond, l.burst)}
	l.clients[client] = l.recent.PushFront(made)
	return made.tokens
}

// prefixOf is whom an address stands for: itself, or its /64 in IPv6, of which a single host has all addresses to choose
// from.
func prefixOf(client netip.Addr) netip.Prefix {
	client = client.Unmap()
	bits := client.BitLen()
	if client.Is6() {
		bits = 64
	}
	prefix, _ := client.WithZone("").Prefix(bits) // the zero Prefix for the zero Addr: all unknown clients share a bucket
	return prefix
}
