/** A network of some length, in a process of its own: what passes takes half a round trip, and to connect takes a whole one. */
import { connect, createServer } from 'node:net';

function carry(from, to, readyAt, oneWayMs) {
  const later = (act) => setTimeout(act, Math.max(0, readyAt - performance.now()) + oneWayMs);
  from.on('data', (piece) => later(() => to.writable && to.write(piece)));
  from.once('end', () => later(() => to.end()));
  from.once('close', () => later(() => to.destroy())).on('error', () => undefined);
}

function network({ roundTripMs, port }) {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ port, noDelay: true, allowHalfOpen: true });
    // The client believes that it is connected. It would be after a round trip.
    carry(near, far, performance.now() + roundTripMs, roundTripMs / 2);
    carry(far, near, 0, roundTripMs / 2);
  });
  return new Promise((resolve) => server.listen(0, () => resolve(server.address().port)));
}

process.once('disconnect', () => process.exit());
process.on('message', async (networks) => process.send(await Promise.all(networks.map(network))));
