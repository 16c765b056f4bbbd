// usage: client PORT PLAN. The same as client.py, with net/http: H2=1 asks for HTTP/2.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	two := os.Getenv("H2") == "1"
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: two, DisableCompression: true}
	if !two {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	client := &http.Client{Transport: transport}
	send := func(method, path string, size int) {
		var body io.Reader
		if size > 0 {
			body = bytes.NewReader([]byte(strings.Repeat("0123456789abcdef", size/16+1)[:size]))
		}
		request, err := http.NewRequest(method, "https://127.0.0.1:"+os.Args[1]+path, body)
		if err != nil {
			panic(err)
		}
		answer, err := client.Do(request)
		if err != nil {
			panic(err)
		}
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	var plan [][]any
	if err := json.Unmarshal(text, &plan); err != nil {
		panic(err)
	}
	send("GET", "/warm", 0)
	fmt.Printf("{\"ready\": %d}\n", os.Getpid())
	words := bufio.NewReader(os.Stdin)
	words.ReadString('\n')
	for _, step := range plan {
		send(step[0].(string), step[1].(string), int(step[2].(float64)))
	}
	fmt.Println("done")
	words.ReadString('\n')
}
