// Node's HTTP/2, whose streams do what their paths say: server.js FOLDER CERTIFICATE KEY PLAIN TLS
'use strict';

const fs = require('fs');
const http2 = require('http2');
const { pipeline } = require('stream');

const [folder, certificate, key, plain, tls] = process.argv.slice(2);
const settings = { enableConnectProtocol: true };

const paths = {
  '/empty': (stream) => stream.respond({ ':status': 204 }, { endStream: true }),

  '/length': (stream, headers) => {
    let length = 0;
    let trailers = '';
    stream.on('data', (part) => (length += part.length));
    stream.on('trailers', (fields) => (trailers = fields.digest ?? ''));
    stream.on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end(`${headers[':method']} ${length} ${trailers}`);
    });
  },

  '/trailers': (stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ digest: 'adler32=03da0195' }));
    stream.end('a page\n');
  },

  '/hints': (stream) => {
    stream.additionalHeaders({ ':status': 102 });
    stream.additionalHeaders({ ':status': 103, link: '</style.css>; rel=preload' });
    stream.respond({ ':status': 200 });
    stream.end('a page\n');
  },

  // Pushes two files, and promises one that never comes; or says that it must not.
  '/push': (stream) => {
    const paths = stream.pushAllowed ? ['/style', '/script', '/never'] : [];
    for (const path of paths) {
      stream.pushStream({ ':path': path, accept: '*/*' }, (error, pushed) => {
        if (error) {
          return;
        }
        pushed.on('error', () => {}); // the client may refuse it, or give it up
        if (path === '/never') {
          return;
        }
        pushed.respond({ ':status': 200, 'x-path': path });
        pushed.end(path.repeat(50_000));
      });
    }
    stream.respond({ ':status': 200 });
    stream.end(`push ${stream.pushAllowed}`);
  },

  // Answers in full, and does not want the rest of the body (RFC 9113 section 8.1).
  '/early': (stream) => {
    stream.respond({ ':status': 413 });
    stream.end('too much\n', () => stream.close(http2.constants.NGHTTP2_NO_ERROR));
  },

  '/settings': (stream) => {
    stream.session.settings({ initialWindowSize: 1000, maxConcurrentStreams: 3 }, () => {
      stream.respond({ ':status': 200 });
      stream.end('changed\n');
    });
  },

  '/ping': (stream) => {
    stream.session.ping(Buffer.from('lariat!!'), (error, duration, payload) => {
      stream.respond({ ':status': error ? 500 : 200 });
      stream.end(payload.toString());
    });
  },

  '/destroy': (stream) => stream.session.destroy(),
};

function visit(stream, headers, flags) {
  stream.on('error', () => {}); // the client may give up
  const path = headers[':path'];
  if (headers.expect === '100-continue') {
    stream.additionalHeaders({ ':status': 100 });
  }
  const [, word, number] = /^\/([a-z]+)\/(\d+)$/.exec(path) ?? [];
  if (headers[':method'] === 'CONNECT') {
    connect(stream, headers);
  } else if (paths[path]) {
    paths[path](stream, headers);
  } else if (word === 'reset') {
    stream.close(Number(number));
  } else if (word === 'goaway') {
    stream.session.goaway(Number(number), stream.id, Buffer.from('because'));
    stream.respond({ ':status': 200 });
    stream.end('the last one\n');
  } else if (headers['if-modified-since']) {
    stream.respond({ ':status': 304 }, { endStream: true });
  } else {
    file(stream, headers, folder + path);
  }
}

function file(stream, headers, path) {
  const head = { ':status': 200, 'last-modified': 'Sun, 06 Nov 1994 08:49:37 GMT' };
  head['content-length'] = fs.statSync(path).size;
  if (headers[':method'] === 'HEAD') {
    stream.respond(head, { endStream: true });
  } else {
    stream.respond(head);
    pipeline(fs.createReadStream(path), stream, () => {}); // the client may give up
  }
}

function connect(stream, headers) {
  if (headers[':protocol'] !== 'websocket' || headers[':path'] !== '/echo') {
    stream.respond({ ':status': 404 }, { endStream: true });
    return;
  }
  stream.respond({ ':status': 200 });
  let input = Buffer.alloc(0);
  stream.on('data', (part) => {
    input = Buffer.concat([input, part]);
    for (let frame = take(); frame; frame = take()) {
      stream.write(frame);
      if ((frame[0] & 0x0f) === 8) {
        stream.end();
      }
    }
  });

  // A whole frame of a client, as a server sends it back; undefined if there is none yet.
  function take() {
    if (input.length < 2) return undefined;
    let length = input[1] & 0x7f;
    let at = 2;
    if (length === 126) {
      if (input.length < 4) return undefined;
      length = input.readUInt16BE(2);
      at = 4;
    } else if (length === 127) {
      if (input.length < 10) return undefined;
      length = Number(input.readBigUInt64BE(2));
      at = 10;
    }
    if (input.length < at + 4 + length) return undefined;
    const head = Buffer.from(input.subarray(0, at));
    head[1] &= 0x7f;
    const mask = input.subarray(at, at + 4);
    const payload = Buffer.from(input.subarray(at + 4, at + 4 + length));
    for (let i = 0; i < length; i++) payload[i] ^= mask[i & 3];
    input = input.subarray(at + 4 + length);
    return Buffer.concat([head, payload]);
  }
}

function serve(server, port) {
  server.on('stream', visit);
  server.on('sessionError', () => {});
  server.listen(Number(port), '127.0.0.1');
}

serve(http2.createServer({ settings }), plain);
serve(
  http2.createSecureServer({
    settings,
    allowHTTP1: false,
    cert: fs.readFileSync(certificate),
    key: fs.readFileSync(key),
  }),
  tls,
);
