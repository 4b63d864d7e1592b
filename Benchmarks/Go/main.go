// SPDX-License-Identifier: Apache-2.0
// Part of swift-sockets.

// An echo server in Go: a goroutine for each connection.
package main

import (
	"net"
	"os"
	"strconv"
)

func main() {
	network, where := "unix", os.Args[1]
	if _, err := strconv.Atoi(where); err == nil {
		network, where = "tcp", "127.0.0.1:"+where
	}
	size, _ := strconv.Atoi(os.Args[2])
	listener, err := net.Listen(network, where)
	if err != nil {
		panic(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			defer connection.Close()
			buffer := make([]byte, size)
			for {
				count, err := connection.Read(buffer)
				if err != nil {
					return
				}
				if _, err := connection.Write(buffer[:count]); err != nil {
					return
				}
			}
		}()
	}
}
