// The shapes of `@google/genai`, written out: the SDK's own types need `@types/node`. A type test holds them to the SDK's.

/** One image as the SDK has it: either the bytes or, where the server stored it, its address. */
export interface Image {
  /** The address of the image on the server: `gs://…`, or the `uri` that an interaction gave instead of bytes. */
  gcsUri?: string;
  /** The image itself, base64. */
  imageBytes?: string;
  /** IANA media type, such as `image/png`. */
  mimeType?: string;
}

/** One entry of a response: an image, or the reason why the model refused to make it. */
export interface GeneratedImage {
  image?: Image;
  /** Why there is no image: what the model said in its place. Set exactly when `image` is missing. */
  raiFilteredReason?: string;
}

/** The response of `generateImages()` and `result()`, in the shape of the SDK's `GenerateImagesResponse`. */
export interface GenerateImagesResponse {
  /** The images that were made, and the refusals, in the order of their index. A job that failed has no entry. */
  generatedImages: GeneratedImage[];
}

/** The SDK's `GenerateImagesConfig`. Values that the backend cannot honour are refused, never dropped. */
export interface GenerateImagesConfig {
  /** Stops the operation **on the server**. Same as the option `cancelSignal`; both may be given, both stop. */
  abortSignal?: AbortSignal | undefined;
  /** How many images to make: an integer of at least 1. Each is a job of its own. @default 1 */
  numberOfImages?: number | undefined;
  /** Width to height, such as `"16:9"`. Which ones exist depends on the model. */
  aspectRatio?: string | undefined;
  /** Size of the longer side: `"512"`, `"1K"`, `"2K"` or `"4K"`, as the model has them. */
  imageSize?: string | undefined;
  /** Media type of the images, such as `"image/jpeg"`. */
  outputMimeType?: string | undefined;
  /** Integer from 0 to 2^31-1. Image number `i` is made with `seed + i`, else all images of an operation would be the same. */
  seed?: number | undefined;
  /** Labels to track billing by: keys and values of at most 63 characters. */
  labels?: Record<string, string> | undefined;
  /** Only `true` can be honoured: the reason of a refusal is always reported. */
  includeRaiReason?: boolean | undefined;
  httpOptions?: unknown;
  outputGcsUri?: string | undefined;
  negativePrompt?: string | undefined;
  guidanceScale?: number | undefined;
  safetyFilterLevel?: string | undefined;
  personGeneration?: string | undefined;
  includeSafetyAttributes?: boolean | undefined;
  language?: string | undefined;
  outputCompressionQuality?: number | undefined;
  addWatermark?: boolean | undefined;
  enhancePrompt?: boolean | undefined;
}

/** The parameters of the SDK's `ai.models.generateImages()`. */
export interface GenerateImagesParameters {
  /** Name of the model, such as `"gemini-3.1-flash-image"`. */
  model: string;
  /** Description of the image. */
  prompt: string;
  config?: GenerateImagesConfig | undefined;
}
