package httpapi

import (
	"mime"
	"strconv"
	"strings"
)

// accepted chooses by Accept: JSON, unless text is wanted more. Naming a type goes before a wildcard that matches it.
func accepted(values []string) (text bool, charset string, acceptable bool) {
	all := strings.Join(values, ",")
	if strings.TrimSpace(all) == "" {
		return false, "", true
	}
	json, plain := quality{}, quality{}
	for _, entry := range strings.Split(all, ",") {
		kind, parameters, err := mime.ParseMediaType(entry)
		if err != nil {
			continue
		}
		weight := weightOf(parameters["q"])
		switch kind {
		case "application/json":
			json.offer(2, weight)
		case "text/plain":
			plain.offer(2, weight)
			charset = parameters["charset"]
		case "application/*":
			json.offer(1, weight)
		case "text/*":
			plain.offer(1, weight)
		case "*/*":
			json.offer(0, weight)
			plain.offer(0, weight)
		}
	}
	return plain.weight > json.weight, charset, plain.weight > 0 || json.weight > 0
}

// quality is how much a type is wanted, by the entry that names it most precisely.
type quality struct {
	precision int
	weight    float64
}

func (q *quality) offer(precision int, weight float64) {
	if precision >= q.precision {
		*q = quality{precision, weight}
	}
}

// weightOf is a q parameter; 1 if there is none, or none that makes sense.
func weightOf(q string) float64 {
	if weight, err := strconv.ParseFloat(q, 64); err == nil && weight >= 0 && weight <= 1 {
		return weight
	}
	return 1
}

// preferredCharset chooses by Accept-Charset, UTF-8 unless GBK is wanted more. One that names neither is disregarded, as RFC
// 9110 lets a server do.
func preferredCharset(values []string) string {
	best, bestWeight := "utf-8", 0.0
	for _, entry := range strings.Split(strings.Join(values, ","), ",") {
		name, parameter, _ := strings.Cut(entry, ";")
		q, _ := strings.CutPrefix(strings.TrimSpace(parameter), "q=")
		name = strings.TrimSpace(name)
		weight := weightOf(q)
		if (isGBK(name) && weight > bestWeight) || (isUTF8(name) && weight >= bestWeight) {
			best, bestWeight = name, weight
		}
	}
	return best
}

func isUTF8(charset string) bool {
	return strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// isGBK also holds for the set that GBK extends: an answer in GBK has no character that is not in GB 2312.
func isGBK(charset string) bool {
	return strings.EqualFold(charset, "gbk") || strings.EqualFold(charset, "gb2312")
}
