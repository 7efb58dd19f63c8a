import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ImageFolder, readPlace } from '../../src/cli/folder.js';
import { temporaryFolder } from './temporary-folder.js';

const NEW = { imageBytes: Buffer.from('new').toString('base64'), mimeType: 'image/png' };
const keep = { force: false };
const force = { force: true };

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
const put = (name: string): void => writeFileSync(join(folder, name), 'old');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('before anything is sent', () => {
  test('the folder is made', () => {
    new ImageFolder(join(folder, 'a', 'b'), keep).check(1);
    expect(readdirSync(join(folder, 'a'))).toEqual(['b']);
  });

  test('a folder that cannot be made is refused', () => {
    put('file');
    expect(() => new ImageFolder(join(folder, 'file'), keep)).toThrow(/^Nothing was sent: .*file/);
  });

  test.each(['image-2.png', 'image-1.jpg', 'image-2.jpeg', 'image-1.webp', 'IMAGE-2.PNG'])(
    '%s is not replaced without being asked to',
    (name) => {
      put(name);
      expect(() => new ImageFolder(folder, keep).check(2)).toThrow(
        expect.objectContaining({
          exitCode: 1,
          message: expect.stringContaining(join(folder, name)) as string,
        }) as Error,
      );
      expect(() => new ImageFolder(folder, force).check(2)).not.toThrow();
      expect(() => new ImageFolder(folder, keep).check(0)).not.toThrow();
    },
  );

  test('a link that leads nowhere counts as a file', () => {
    symlinkSync(join(folder, 'nowhere'), join(folder, 'image-1.png'));
    expect(() => new ImageFolder(folder, keep).check(1)).toThrow(/image-1\.png exists/);
  });

  test.each([
    'image-3.png',
    'image-1-2.png',
    'image-1.txt',
    'my-image-1.png',
    'image-1.old.png',
    'image-1.png.bak',
    'image-1',
  ])('%s is in nobody’s way', (name) => {
    put(name);
    expect(() => new ImageFolder(folder, keep).check(2)).not.toThrow();
  });
});

describe('an image', () => {
  test.each([
    ['image/png', 'image-3.png'],
    ['image/jpeg', 'image-3.jpg'],
    ['image/webp', 'image-3.webp'],
    ['../../etc/passwd', 'image-3.img'],
    ['constructor', 'image-3.img'],
    [undefined, 'image-3.img'],
  ])('of type %s is written as %s', (mimeType, name) => {
    const image = { imageBytes: NEW.imageBytes, ...(mimeType === undefined ? {} : { mimeType }) };
    expect(new ImageFolder(folder, keep).save(image, 2)).toEqual({ index: 2, image, path: join(folder, name) });
    expect(readdirSync(folder)).toEqual([name]);
    expect(read(name)).toBe('new');
  });

  test('is not lost to a file that appeared meanwhile, nor is that file', () => {
    const images = new ImageFolder(folder, keep);
    put('image-1.png');
    put('image-1-2.png');
    expect(images.save(NEW, 0)).toMatchObject({
      path: join(folder, 'image-1-3.png'),
      note: expect.stringContaining('image-1.png') as string,
    });
    expect([read('image-1.png'), read('image-1-2.png'), read('image-1-3.png')]).toEqual(['old', 'old', 'new']);
  });

  test.each([keep, force])('that is there already is the same delivery: %j', (options) => {
    const images = new ImageFolder(folder, options);
    expect(images.save(NEW, 0).note).toBeUndefined();
    const path = join(folder, 'image-1.png');
    expect(images.save(NEW, 0)).toMatchObject({ path, note: expect.stringContaining('same image') as string });
    expect(readdirSync(folder)).toEqual(['image-1.png']);
  });

  test('that is there already under another number is the same delivery, too', () => {
    const images = new ImageFolder(folder, keep);
    put('image-1.png');
    images.save(NEW, 0);
    expect(images.save(NEW, 0)).toMatchObject({
      path: join(folder, 'image-1-2.png'),
      note: expect.stringContaining('same image') as string,
    });
    expect(readdirSync(folder).sort()).toEqual(['image-1-2.png', 'image-1.png']);
  });

  test('is not a link to the same bytes: that may change', () => {
    const elsewhere = join(temporaryFolder(), 'elsewhere');
    writeFileSync(elsewhere, 'new');
    symlinkSync(elsewhere, join(folder, 'image-1.png'));
    expect(new ImageFolder(folder, keep).save(NEW, 0).path).toBe(join(folder, 'image-1-2.png'));
  });

  test('of one of several operations goes into a folder of its own, made when it comes', () => {
    const images = new ImageFolder(folder, keep).within('0a1b');
    expect(readdirSync(folder)).toEqual([]);
    expect(images.save(NEW, 0)).toEqual({ index: 0, image: NEW, path: join(folder, '0a1b', 'image-1.png') });
    put('1a1b');
    expect(new ImageFolder(folder, keep).within('1a1b').save(NEW, 0)).toEqual({
      index: 0,
      image: NEW,
      problem: expect.stringContaining('EEXIST') as string,
    });
  });

  test('of one of several operations does not claim that nothing was sent', () => {
    const images = new ImageFolder(folder, keep).within('0a1b');
    // A folder that takes no files, not even from root.
    symlinkSync('/proc/self/fdinfo', join(folder, '0a1b'));
    expect(images.save(NEW, 0).problem).not.toContain('Nothing was sent');
  });

  test('replaces a file when forced to, and leaves nothing else behind', () => {
    put('image-1.png');
    expect(new ImageFolder(folder, force).save(NEW, 0).path).toBe(join(folder, 'image-1.png'));
    expect(readdirSync(folder)).toEqual(['image-1.png']);
    expect(read('image-1.png')).toBe('new');
  });

  test.each([keep, force])('never goes through a link to somewhere else: %j', (options) => {
    const elsewhere = join(temporaryFolder(), 'elsewhere');
    writeFileSync(elsewhere, 'old');
    symlinkSync(elsewhere, join(folder, 'image-1.png'));
    const { path = '' } = new ImageFolder(folder, options).save(NEW, 0);
    expect(readFileSync(elsewhere, 'utf8')).toBe('old');
    expect(readFileSync(path, 'utf8')).toBe('new');
    if (!options.force) expect(readlinkSync(join(folder, 'image-1.png'))).toBe(elsewhere);
  });

  test('does not replace a folder', () => {
    mkdirSync(join(folder, 'image-1.png'));
    expect(new ImageFolder(folder, force).save(NEW, 0).path).toBe(join(folder, 'image-1-2.png'));
  });

  test('that cannot be written is told of, not thrown', () => {
    const gone = join(folder, 'gone');
    const images = new ImageFolder(gone, keep);
    rmSync(gone, { recursive: true });
    expect(images.save(NEW, 0)).toEqual({ index: 0, image: NEW, problem: expect.stringContaining('ENOENT') as string });
    expect(images.save({ mimeType: 'image/png' }, 0).problem).toMatch(/neither/);
  });

  test('that the server keeps is told by its address', () => {
    const image = { gcsUri: 'https://example.test/1', mimeType: 'image/png' };
    expect(new ImageFolder(folder, keep).save(image, 0)).toEqual({ index: 0, image, address: image.gcsUri });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a place', () => {
  const stored = (name: string, indices: readonly number[], options = keep, mimeType = 'image/png') => {
    const images = new ImageFolder(join(folder, name), options);
    return indices.map((index) => images.save({ imageBytes: btoa(`image ${index}`), mimeType }, index));
  };

  test('may be the file of one image, and no folder is made of it', () => {
    expect(stored('name.png', [0])).toMatchObject([{ path: join(folder, 'name.png') }]);
    expect(read('name.png')).toBe('image 0');
    expect(readdirSync(folder)).toEqual(['name.png']);
  });

  test('may be a template', () => {
    stored('a/{index}.{ext}', [0, 9]);
    stored('b-{index}-{index}.{ext}', [1], keep, 'image/jpeg');
    expect(readdirSync(folder).sort()).toEqual(['a', 'b-2-2.jpg']);
    expect(readdirSync(join(folder, 'a')).sort()).toEqual(['1.png', '10.png']);
  });

  test.each([keep, force])('of one image loses no other that comes: %j', (options) => {
    put('name.png');
    expect(stored('name.png', [0, 1], options).every(({ problem }) => problem === undefined)).toBe(true);
    const texts = readdirSync(folder).map(read).sort();
    expect(texts).toEqual(options.force ? ['image 0', 'image 1'] : ['image 0', 'image 1', 'old']);
  });

  test('keeps the name that was chosen, and says of another type', () => {
    const [delivery] = stored('name.png', [0], keep, 'image/jpeg');
    expect(delivery).toMatchObject({ path: join(folder, 'name.png'), note: 'The type of name.png is image/jpeg.' });
    expect(stored('b.JPEG', [0], keep, 'image/jpeg')[0]?.note).toBeUndefined();
  });

  test.each([
    ['name.png', 'name.png'],
    ['name.png', 'NAME.PNG'],
    ['{index}.{ext}', '2.jpeg'],
    ['a.b{index}', 'a.b1'],
  ])('%s: %s is not replaced without being asked to', (place, name) => {
    put(name);
    expect(() => new ImageFolder(join(folder, place), keep).check(2)).toThrow(`${join(folder, name)} exists`);
    expect(() => new ImageFolder(join(folder, place), force).check(2)).not.toThrow();
  });

  test.each([
    ['{index}.{ext}', '3.png'],
    ['a.b{index}', 'axb1'],
    ['name.png', 'name-png'],
  ])('%s: %s is in nobody’s way', (place, name) => {
    put(name);
    expect(() => new ImageFolder(join(folder, place), keep).check(2)).not.toThrow();
  });

  test('is no folder that has the name of an image already', () => {
    mkdirSync(join(folder, 'name.png'));
    expect(() => new ImageFolder(join(folder, 'name.png'), keep).check(1)).toThrow(/name\.png exists/);
    expect(readdirSync(join(folder, 'name.png'))).toEqual([]);
  });

  test.each([
    '{n}.png',
    '{index',
    'index}.png',
    '{}',
    '{{index}}.png',
    '{index}/a.png',
    'a{ext}/',
    'name.png/',
    'A.JPG//',
  ])('%s is refused', (place) => {
    expect(() => readPlace(place)).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
  });

  test.each(['.', 'out.v2', 'png', 'out/', 'pictures.d'])('%s is a folder', (place) => {
    expect(readPlace(place)).toEqual({ folder: place, name: 'image-{index}.{ext}', holdsOne: false });
  });
});
