import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { expectTypeOf } from 'vitest';
import type * as http from '../../src/http.js';

type Parameters = [request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse];
expectTypeOf<typeof http.signalFromRequest>().parameters.toEqualTypeOf<Parameters>();
expectTypeOf<typeof http.signalFromRequest>().returns.toEqualTypeOf<AbortSignal>();
