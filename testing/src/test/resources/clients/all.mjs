await import('./openai.mjs');
await import('./anthropic.mjs');
await import('./vercel.mjs');
