export const DEFAULT_MODEL = 'gemini-3.1-flash-image';

export const HELP = `Makes images with Google's image models. Ctrl+C stops the work on the server, too.

Usage
  genai-cancel generate PROMPT [options]   make images and write them as files
  genai-cancel cancel NAME                 stop a job that is known by its name: interactions/ID or batches/ID

  Without PROMPT, or with -, the prompt is read from stdin.

Options of generate
  -n, --number N            how many images to make (default 1)
  -o, --out FOLDER          where to write image-1.png, image-2.png, … (default .)
      --force               replace image files that are there already
      --model NAME          (default ${DEFAULT_MODEL})
      --aspect-ratio W:H    such as 16:9
      --image-size SIZE     such as 1K, 2K, 4K
      --mime-type TYPE      such as image/jpeg
      --seed N              image i is made with the seed N + i - 1
      --timeout SECONDS     cancel on the server after so long
      --require-cancellable start nothing that could not be cancelled on the server
      --json                print every event on stdout as a line of JSON
      --api-version NAME    such as v1beta
      --emulator            run against an emulated server: no key, no network, no cost
      --emulator-seconds N  how long the emulator works on an image (default 4)

Options of cancel
  -o, --out FOLDER          if the job had made its image already, write it there
      --json                print the report on stdout as a line of JSON
      --api-version NAME    such as v1beta

  -h, --help
      --version

Environment
  GEMINI_API_KEY            the API key; if it is not set, GOOGLE_API_KEY is taken
  GOOGLE_GEMINI_BASE_URL    another server than Google's
  NO_COLOR                  no colours

Exit codes of generate
  0    every image was made and written
  1    at least one was not, or the time was up
  2    the command line was wrong, or there is no key; nothing was sent
  Ctrl+C and other signals: the cancel is confirmed by the server, then the signal ends the process (130 in a shell).

Exit codes of cancel
  0    the job has ended, as the server says: cancelled, or by itself before that
  1    its end is not confirmed
  2    as above
`;
