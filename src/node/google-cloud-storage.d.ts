/** An optional peer, which is not installed here: as much of it as is named. */
declare module '@google-cloud/storage' {
  export const Storage: new () => object;
}
