package ratelimit

import (
	"net/netip"
	"testing"
	"time"
)

var (
	start = time.Unix(1000, 0)
	alice = netip.MustParseAddr("192.0.2.1")
	bob   = netip.MustParseAddr("192.0.2.2")
)

func expect(t *testing.T, l *Limiter, client netip.Addr, after time.Duration, ok bool, wait time.Duration) {
	t.Helper()
	if gotOK, gotWait := l.Take(client, start.Add(after)); gotOK != ok || gotWait != wait {
		t.Errorf("%v after %v: %v, %v; want %v, %v", client, after, gotOK, gotWait, ok, wait)
	}
}

func TestABurstPassesAndThenOneAtATime(t *testing.T) {
	l := New(2, 3, 10)
	for range 3 {
		expect(t, l, alice, 0, true, 0)
	}
	expect(t, l, alice, 0, false, 500*time.Millisecond)
	expect(t, l, alice, 300*time.Millisecond, false, 200*time.Millisecond)
	expect(t, l, alice, 500*time.Millisecond, true, 0)
	expect(t, l, alice, 500*time.Millisecond, false, 500*time.Millisecond)
}

func TestARefusedRequestCostsNoToken(t *testing.T) {
	l := New(1, 1, 10)
	expect(t, l, alice, 0, true, 0)
	for range 100 {
		expect(t, l, alice, 0, false, time.Second)
	}
	expect(t, l, alice, time.Second, true, 0)
}

func TestClientsHaveBucketsOfTheirOwn(t *testing.T) {
	l := New(1, 1, 10)
	expect(t, l, alice, 0, true, 0)
	expect(t, l, bob, 0, true, 0)
	expect(t, l, alice, 0, false, time.Second)
	expect(t, l, netip.MustParseAddr("::ffff:192.0.2.1"), 0, false, time.Second) // the same one, in IPv6's notation
}

func TestAnIPv6HostIsItsNetwork(t *testing.T) {
	l := New(1, 1, 10)
	expect(t, l, netip.MustParseAddr("2001:db8::1"), 0, true, 0)
	expect(t, l, netip.MustParseAddr("2001:db8::ffff%eth0"), 0, false, time.Second)
	expect(t, l, netip.MustParseAddr("2001:db8:0:1::1"), 0, true, 0)
}

func TestTheTableIsBoundedAndForgetsWhoWasAwayLongest(t *testing.T) {
	l := New(1, 1, 2)
	carol := netip.MustParseAddr("192.0.2.3")
	expect(t, l, alice, 0, true, 0)
	expect(t, l, bob, 0, true, 0)
	expect(t, l, alice, 0, false, time.Second) // seen later than bob
	expect(t, l, carol, 0, true, 0)            // takes bob's place
	if got := l.Clients(); got != 2 {
		t.Errorf("%d buckets, want 2", got)
	}
	expect(t, l, alice, 0, false, time.Second)
	expect(t, l, bob, 0, true, 0)
}

func TestClientsWithoutAnAddressShareABucket(t *testing.T) {
	l := New(1, 1, 10)
	expect(t, l, netip.Addr{}, 0, true, 0)
	expect(t, l, netip.Addr{}, 0, false, time.Second)
}
