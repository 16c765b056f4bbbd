// usage: call PORT [MILLISECONDS]. One chat completion, after a while, and its end: status 7, or 3 when there was no answer.
package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 2 {
		wait, _ := strconv.Atoi(os.Args[2])
		time.Sleep(time.Duration(wait) * time.Millisecond)
	}
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
