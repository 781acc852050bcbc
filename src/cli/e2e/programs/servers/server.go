// Serves a line by HTTP: who it is, a time of a zone, and how many authorities it knows.
package main

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		zone, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			http.Error(response, err.Error(), 500)
			return
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			http.Error(response, err.Error(), 500)
			return
		}
		moment := time.Unix(1700000000, 0).In(zone).Format("15:04 MST")
		fmt.Fprintf(response, "go %d %s %t%s", os.Getuid(), moment, len(pool.Subjects()) > 100, native())
	})
	if err := http.ListenAndServe(":8080", nil); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
