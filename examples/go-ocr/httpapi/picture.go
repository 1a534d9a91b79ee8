package httpapi

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"

	"github.com/oarlock/oarlock/go/oarlock"
)

// formFile is the name that a form's picture has.
const formFile = "image"

// pictureOf is the picture that a request sends: its body, whatever type it claims, or the file "image" of a form.
func pictureOf(w http.ResponseWriter, r *http.Request, bytesMax int64) ([]byte, error) {
	r.Body = http.MaxBytesReader(w, r.Body, bytesMax)
	var picture []byte
	var err error
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		picture, err = formPicture(r)
	} else {
		picture, err = readAll(r.Body, r.ContentLength, bytesMax)
	}
	if err != nil {
		return nil, bodyProblem(err)
	}
	if len(picture) == 0 {
		return nil, problemf(http.StatusBadRequest, oarlock.InvalidArgument,
			"the picture is empty; send a PNG or JPEG file as the body, or as the file %q of a form", formFile)
	}
	return picture, nil
}

// readAll reads a body into memory of its size, if the client told that.
func readAll(body io.Reader, told, bytesMax int64) ([]byte, error) {
	if told <= 0 || told > bytesMax {
		return io.ReadAll(body)
	}
	picture := make([]byte, told)
	_, err := io.ReadFull(body, picture)
	return picture, err
}

// formPicture reads a form as it comes, without a temporary file.
func formPicture(r *http.Request) ([]byte, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return nil, problemf(http.StatusBadRequest, oarlock.InvalidArgument, "the form has no file %q", formFile)
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() == formFile {
			return readPart(part, r.Body)
		}
	}
}

func readPart(part *multipart.Part, body io.Reader) ([]byte, error) {
	picture, err := io.ReadAll(part)
	if err != nil {
		return nil, err
	}
	// To the body's end: only from there on does net/http watch for the client to go away.
	_, err = io.Copy(io.Discard, body)
	return picture, err
}

// bodyProblem says what is wrong with a body that could not be read.
func bodyProblem(err error) error {
	var tooLarge *http.MaxBytesError
	var told *problem
	switch {
	case errors.As(err, &told):
		return err
	case errors.As(err, &tooLarge):
		return problemf(http.StatusRequestEntityTooLarge, oarlock.OutOfRange, "the body has more than %d bytes", tooLarge.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problemf(http.StatusRequestTimeout, oarlock.DeadlineExceeded, "the body did not come in time")
	default:
		return problemf(http.StatusBadRequest, oarlock.InvalidArgument, "the body cannot be read: %v", err)
	}
}
