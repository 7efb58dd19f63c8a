import type { GenerateImagesConfig } from '../api/images.js';

/** The APIs that make images: they do not understand the same parameters. */
export type Target = 'interactions' | 'gemini' | 'vertex' | 'imagen';

export type ConfigRule =
  | { readonly honoured: true; readonly how: string; readonly only?: true }
  | { readonly honoured: false; readonly why: string; readonly instead: string };

type Rules = Record<Target, ConfigRule>;

const refused = (why: string, instead: string): ConfigRule => ({ honoured: false, why, instead });

/** One rule for each target, or a text for what is sent. */
function rules(...given: readonly (ConfigRule | string)[]): Rules {
  const [interactions, gemini, vertex, imagen] = given.map((rule) =>
    typeof rule === 'string' ? { honoured: true, how: rule } : rule,
  );
  return { interactions, gemini, vertex, imagen } as Rules;
}

/** Gemini image models have no such parameter, whichever API they are asked through. */
function gemini(why: string, instead: string, imagen: string): Rules {
  const rule = refused(why, instead);
  return rules(rule, rule, rule, imagen);
}

function vertexOnly(name: string, instead: string): Rules {
  return rules(refused(NO_FIELD, instead), notOnGemini(instead), `\`imageConfig.${name}\``, `\`${name}\``);
}

const sent = (interactions: string, content: string, imagen: string): Rules =>
  rules(interactions, content, content, imagen);
const everywhere = (rule: ConfigRule | string): Rules => rules(rule, rule, rule, rule);
const nowhere = (why: string, instead: string): Rules => everywhere(refused(why, instead));
const notOnGemini = (instead: string): ConfigRule => refused('the Gemini API has no such field', instead);

const NO_FIELD = 'the API has no such field';

/** Rules for every name of the SDK's `GenerateImagesConfig`. The table in the documentation is this one. */
export const configRules: Readonly<Record<keyof GenerateImagesConfig, Rules>> = {
  abortSignal: everywhere('stops the operation'),
  numberOfImages: sent('one interaction for each image', 'one request for each image', '`numberOfImages`, 4 a request'),
  aspectRatio: sent('`response_format.aspect_ratio`', '`imageConfig.aspectRatio`', '`aspectRatio`'),
  imageSize: sent('`response_format.image_size`', '`imageConfig.imageSize`', '`imageSize`'),
  outputMimeType: rules(
    '`response_format.mime_type`',
    notOnGemini('Leave it out and convert the image yourself.'),
    '`imageConfig.outputMimeType`',
    '`outputMimeType`',
  ),
  seed: sent(
    '`generation_config.seed`, plus the index of the image',
    '`seed`, plus the index of the image',
    '`seed`, plus the index of the first image of the request',
  ),
  labels: rules('`labels`', notOnGemini('Leave them out, or use the interactions backend.'), '`labels`', '`labels`'),
  includeRaiReason: everywhere({ honoured: true, how: 'A refusal always has its reason: leave it out.', only: true }),
  httpOptions: nowhere(
    'options of one HTTP request do not fit an operation of many',
    'Give them to `new GoogleGenAI({ httpOptions })`.',
  ),
  outputGcsUri: gemini(
    'images are delivered in the answer',
    'Upload the bytes of the image yourself.',
    '`outputGcsUri`',
  ),
  negativePrompt: gemini(NO_FIELD, 'Say in the prompt what shall not be seen.', '`negativePrompt`'),
  guidanceScale: gemini(NO_FIELD, 'Leave it out, or be more specific in the prompt.', '`guidanceScale`'),
  safetyFilterLevel: gemini(NO_FIELD, "Leave it out: the model's default filters apply.", '`safetyFilterLevel`'),
  personGeneration: vertexOnly('personGeneration', 'Say in the prompt whether people shall be seen.'),
  includeSafetyAttributes: nowhere(
    'the response of an operation has no place for safety scores',
    'Leave it out: refusals come with `raiFilteredReason`.',
  ),
  language: gemini(NO_FIELD, 'Leave it out: the model recognises the language of the prompt.', '`language`'),
  outputCompressionQuality: vertexOnly('outputCompressionQuality', 'Compress the image yourself.'),
  addWatermark: gemini(NO_FIELD, 'Leave it out: Google marks every image with SynthID.', '`addWatermark`'),
  enhancePrompt: gemini(NO_FIELD, 'Leave it out, or have a text model rewrite the prompt first.', '`enhancePrompt`'),
};
