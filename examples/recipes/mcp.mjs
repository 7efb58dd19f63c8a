// An MCP tool on stdio: it stops when the client sends notifications/cancelled, and when the client goes.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { GoogleGenAI } from '@google/genai';
import { cancelable } from 'genai-cancel';
import { z } from 'zod';

const images = cancelable(new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY }));
const server = new McpServer({ name: 'images', version: '1.0.0' });

server.registerTool(
  'make_image',
  { description: 'Makes an image.', inputSchema: { prompt: z.string() } },
  async ({ prompt }, { signal }) => {
    const { generatedImages } = await images.generateImages(
      { model: 'gemini-3.1-flash-image', prompt },
      { cancelSignal: signal },
    );
    const [{ image, raiFilteredReason = '' }] = generatedImages;
    if (image === undefined) return { isError: true, content: [{ type: 'text', text: raiFilteredReason }] };
    return { content: [{ type: 'image', data: image.imageBytes, mimeType: image.mimeType }] };
  },
);

await server.connect(new StdioServerTransport());
// The SDK does not notice that stdin has ended. Closing the server aborts the signals of its tools, which cancels.
process.stdin.once('end', () => void server.close());
