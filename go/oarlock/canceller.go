package oarlock

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/oarlock/oarlock/go/internal/driver"
)

// canceller stops a runner's runs when a context ends, without a goroutine for each of them. A context that is given again
// and again is listened to once.
type canceller struct {
	driver  driver.Driver
	runner  driver.Handle
	running atomic.Bool
	done    <-chan struct{} // of the context that is listened to
	stop    func() bool
	call    func()        // cancelled, made once
	ended   chan struct{} // filled when call has ended; of size 1
}

// listen makes ready for a run under this context. The run is stopped if the context ends while running holds.
func (c *canceller) listen(ctx context.Context) {
	done := ctx.Done()
	if done == c.done {
		return
	}
	c.unlisten()
	if done != nil {
		c.done, c.stop = done, context.AfterFunc(ctx, c.call)
	}
}

// unlisten forgets the context. Once it returns, nothing is stopped any more.
func (c *canceller) unlisten() {
	if c.done == nil {
		return
	}
	if !c.stop() {
		<-c.ended
	}
	c.done, c.stop = nil, nil
}

// cancelled stops the run. An engine may not have got so far that it can be stopped: it is asked again.
func (c *canceller) cancelled() {
	for pause := 20 * time.Microsecond; c.running.Load() && !c.driver.Cancel(c.runner); pause = min(2*pause, 5*time.Millisecond) {
		time.Sleep(pause)
	}
	c.ended <- struct{}{}
}
