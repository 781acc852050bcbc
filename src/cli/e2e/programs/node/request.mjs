// Asks an HTTPS server on localhost; prints the answer, or why there is none.
import { get } from 'node:https';

get(`https://localhost:${process.argv[2]}/`, (response) => {
  const version = response.socket.getProtocol();
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (piece) => (text += piece));
  response.on('end', () => console.log(text, version));
}).on('error', ({ code }) => console.log(code));
