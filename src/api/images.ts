// The shapes of `@google/genai`, written out: the SDK's own types need `@types/node`. A type test holds them to the SDK's.

/** A text of which some values are known: editors offer them, and every other one is accepted. */
type Open<Known extends string> = Known | (string & Record<never, never>);

/** Name of an image model. Which ones exist is up to Google. */
export type ImageModel = Open<
  'gemini-3.1-flash-image' | 'gemini-3.1-flash-lite-image' | 'gemini-3-pro-image' | 'gemini-nano-banana-2.1'
>;

/** Width to height. Which ones exist depends on the model. */
export type AspectRatio = Open<
  '1:1' | '2:3' | '3:2' | '3:4' | '4:3' | '4:5' | '5:4' | '9:16' | '16:9' | '21:9' | '1:4' | '4:1' | '1:8' | '8:1'
>;

/** Size of the longer side. Which ones exist depends on the model. */
export type ImageSize = Open<'512' | '1K' | '2K' | '4K'>;

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
  /** The image, unless the model refused to make it. */
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
  /** Width to height, such as `"16:9"`. @default up to the model */
  aspectRatio?: AspectRatio | undefined;
  /** Size of the longer side, such as `"1K"`. @default up to the model */
  imageSize?: ImageSize | undefined;
  /** Media type of the images, such as `"image/jpeg"`. */
  outputMimeType?: string | undefined;
  /** Integer from 0 to 2^31-1. Image number `i` is made with `seed + i`, else all images of an operation would be the same. */
  seed?: number | undefined;
  /** Labels to track billing by: keys and values of at most 63 characters. */
  labels?: Record<string, string> | undefined;
  /** Only `true` can be honoured: the reason of a refusal is always reported. */
  includeRaiReason?: boolean | undefined;
  /** Refused: options of one HTTP request do not fit an operation of many. Give them to `new GoogleGenAI({ httpOptions })`. */
  httpOptions?: unknown;
  /** Imagen only: the address in Cloud Storage that the images are written to, `gs://bucket/prefix`. */
  outputGcsUri?: string | undefined;
  /** Imagen only: what shall not be seen. Gemini models are told so in the prompt. */
  negativePrompt?: string | undefined;
  /** Imagen only: how closely the image follows the prompt. */
  guidanceScale?: number | undefined;
  /** Imagen only: the least severity that the safety filter blocks, such as `"BLOCK_ONLY_HIGH"`. */
  safetyFilterLevel?: string | undefined;
  /** Vertex only: whether people may be seen, such as `"ALLOW_ADULT"`. */
  personGeneration?: string | undefined;
  /** Refused: a response has no place for safety scores. Refusals come with `raiFilteredReason`. */
  includeSafetyAttributes?: boolean | undefined;
  /** Imagen only: the language of the prompt, such as `"en"`. Gemini models recognise it. */
  language?: string | undefined;
  /** Vertex only: the quality of JPEGs, from 0 to 100. */
  outputCompressionQuality?: number | undefined;
  /** Imagen only: whether the image gets a watermark. Google marks every image of Gemini models. */
  addWatermark?: boolean | undefined;
  /** Imagen only: whether the model may rewrite the prompt first. */
  enhancePrompt?: boolean | undefined;
}

/** The parameters of the SDK's `ai.models.generateImages()`. */
export interface GenerateImagesParameters {
  /** Name of the model, such as `"gemini-3.1-flash-image"`. */
  model: ImageModel;
  /** Description of the image. */
  prompt: string;
  /** Further wishes for the model, and the number of images. */
  config?: GenerateImagesConfig | undefined;
}
