// Serves a line by HTTP, a thread a connection.
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

fn main() {
    let listener = TcpListener::bind("0.0.0.0:8080").expect("no port");
    for stream in listener.incoming() {
        thread::spawn(move || {
            let mut stream = stream.expect("no connection");
            let mut request = [0; 1024];
            let _ = stream.read(&mut request);
            let body = "rust";
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all((head + body).as_bytes());
        });
    }
}
