-- CreateTable
CREATE TABLE "sync_nonce" (
    "nonce" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sync_nonce_pkey" PRIMARY KEY ("nonce")
);

-- CreateIndex
CREATE INDEX "sync_nonce_seen_at_idx" ON "sync_nonce"("seen_at");
