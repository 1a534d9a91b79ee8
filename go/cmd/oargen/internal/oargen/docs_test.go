package oargen

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func generatorPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../../../../../docs/generator.md")
	if err != nil {
		t.Skip("the page is not here: ", err)
	}
	return string(page)
}

func TestPageListsTheWordsOfTemplates(t *testing.T) {
	page := generatorPage(t)
	for word := range words(small(t), "") {
		if !strings.Contains(page, "`"+word+"`") && !strings.Contains(page, "`"+word+" ") {
			t.Errorf("docs/generator.md does not tell of %s", word)
		}
	}
}

func TestPageListsTheKeysOfTheFormat(t *testing.T) {
	page := generatorPage(t)
	var tree interface{}
	if err := json.Unmarshal([]byte(schemaText), &tree); err != nil {
		t.Fatal(err)
	}
	var walk func(node interface{})
	walk = func(node interface{}) {
		object, ok := node.(map[string]interface{})
		if !ok {
			return
		}
		if properties, ok := object["properties"].(map[string]interface{}); ok {
			for key := range properties {
				if !strings.Contains(page, key+":") && !strings.Contains(page, "`"+key+"`") {
					t.Errorf("docs/generator.md does not tell of the key %s", key)
				}
			}
		}
		for _, child := range object {
			walk(child)
		}
	}
	walk(tree)
}
