// usage: call PORT. One chat completion, and its end: status 7, or 3 when there was no answer.
package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	address := "https://127.0.0.1:" + os.Args[1] + "/v1/chat/completions"
	question := `{"model":"gpt-4o","messages":[{"role":"user","content":"go"}]}`
	answer, err := (&http.Client{Transport: transport}).Post(address, "application/json", strings.NewReader(question))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(len(body))
	os.Exit(7)
}
