package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// answerTimeout is how long an answer may take before it counts as an error.
const answerTimeout = 30 * time.Second

// requestsOf is the bytes of a request for each file. They are made beforehand, and sent as they are: what the client costs
// is taken from the same cores as what the server may use.
func requestsOf(target *url.URL, files []string) ([][]byte, error) {
	if len(files) == 0 {
		return nil, errors.New("no pictures were named, as in: load examples/waybill/test/*.png")
	}
	requests := make([][]byte, len(files))
	for i, file := range files {
		picture, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		request, err := http.NewRequest(http.MethodPost, target.String(), bytes.NewReader(picture))
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/octet-stream")
		var text bytes.Buffer
		if err := request.Write(&text); err != nil {
			return nil, err
		}
		requests[i] = text.Bytes()
	}
	return requests, nil
}

// connection is one that stays open. One goroutine uses it.
type connection struct {
	host   string
	conn   net.Conn
	reader *bufio.Reader
}

// ask sends a request and reads its answer. Any answer but 200 is an error, and so is a connection that is lost; the next
// call makes a new one.
func (c *connection) ask(request []byte) error {
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.host, answerTimeout)
		if err != nil {
			return err
		}
		c.conn, c.reader = conn, bufio.NewReader(conn)
	}
	status, err := c.exchange(request)
	if err != nil {
		c.close()
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("status %d", status)
	}
	return nil
}

func (c *connection) exchange(request []byte) (status int, err error) {
	c.conn.SetDeadline(time.Now().Add(answerTimeout))
	if _, err := c.conn.Write(request); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0, err
	}
	if answer.Close {
		c.close()
	}
	return answer.StatusCode, nil
}

func (c *connection) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}
