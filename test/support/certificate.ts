import { generate } from 'selfsigned';

/** A new certificate for localhost that nobody has signed but itself, and its key. */
const pems = await generate([{ name: 'commonName', value: 'localhost' }], {
  keyType: 'ec',
  extensions: [
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
  ],
});

export const { cert, private: key } = pems;
