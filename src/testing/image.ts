export interface ImageTag {
  /** Name of the job, or `kind/index` of one without a name. */
  readonly job: string;
  /** Number of the image among those of the job, from 0. */
  readonly index: number;
}

export interface Image {
  readonly mimeType: string;
  readonly bytes: Uint8Array;
  readonly base64: string;
}

export type ImageType = 'image/png' | 'image/jpeg';

/** Aspect ratios and sizes that Google's interactions accept. */
export const ASPECT_RATIOS = '1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9 1:8 8:1 1:4 4:1'.split(' ');
export const IMAGE_SIZES = ['512', '1K', '2K', '4K'];

/** Makes the picture of a job. All look the same; the tag is in a comment, so that no two have the same bytes. */
export function makeImage(mimeType: ImageType, tag: ImageTag): Image {
  const binary = mimeType === 'image/jpeg' ? jpeg(textOf(tag)) : png(textOf(tag));
  return { mimeType, bytes: bytesOf(binary), base64: btoa(binary) };
}

/** A keyword and a text, separated as a PNG wants it. The semicolon ends the number: a check sum may begin with a digit. */
const textOf = ({ job, index }: ImageTag): string => `emulator\0${job} ${index};`;

/** Puts the text into a `tEXt` chunk before the last chunk, which is always the same 12 bytes. */
function png(text: string): string {
  const whole = atob(PNG);
  const chunk = `tEXt${text}`;
  return whole.slice(0, -12) + uint32(text.length) + chunk + uint32(crc32(bytesOf(chunk))) + whole.slice(-12);
}

/** Puts the text into a `COM` segment behind the marker that begins every JPEG. */
function jpeg(text: string): string {
  const whole = atob(JPEG);
  return `${whole.slice(0, 2)}\xff\xfe${uint32(text.length + 2).slice(2)}${text}${whole.slice(2)}`;
}

const uint32 = (value: number): string => String.fromCharCode(...[24, 16, 8, 0].map((bits) => (value >>> bits) & 0xff));
const bytesOf = (binary: string): Uint8Array => Uint8Array.from(binary, (letter) => letter.charCodeAt(0));

function crc32(data: Uint8Array): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1 ? 0xedb88320 : 0) ^ (crc >>> 1);
  }
  return ~crc >>> 0;
}

/** A sunset, 32 pixels square. `atob` passes over the white space. */
const PNG = `
  iVBORw0KGgoAAAANSUhEUgAAACAAAAAgBAMAAACBVGfHAAAAMFBMVEWFfJosPFoePFpJW5ZeZ5fRpJ/61ni1lZ2XhZumjZzGnp54dJlwcJhUYZZpbZi/
  mp6McNP6AAAAgklEQVQoz2MwRgMMGAJ30QCDCxrAFHiHBhjOoAGG3WiAgRsOGBggJBywpYEpDhhgS0tLA1IMHTDQBhQAUggBID8tAygwEwZAApkzZ2IK
  lMNAGVAASGEK/IeDb2kgkmEVGmBYGgqDIBAVyhCKBhiUFFEhg5IQKmRAU6DEgKZAaYDMAABiIbECeOc69AAAAABJRU5ErkJggg==`;

const JPEG = `
  /9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8
  U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAgACADASIAAhEBAxEB/8QAFwABAQEBAAAAAAAA
  AAAAAAAAAAQFAv/EACQQAAEDAwMEAwAAAAAAAAAAAAEAAgMEERMFFdEyUVKREjGB/8QAFwEAAwEAAAAAAAAAAAAAAAAAAAECA//EABwRAAICAgMAAAAA
  AAAAAAAAAAACARMEEhEhMf/aAAwDAQACEQMRAD8AmxJiV2JMS2sDQhxJiW9RUsWL5ua17iT9i9lNV0zI5iI+m17dlmuREtKjr65I94pfCX0OU3il8JfQ
  5WEirSCLGN9muwR9LZh+DlcnWqZxuWTE9yBysJEVr6O1j//Z`;
