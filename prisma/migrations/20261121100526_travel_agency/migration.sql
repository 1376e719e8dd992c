-- CreateEnum
CREATE TYPE "request_status" AS ENUM ('new', 'in_progress', 'offered', 'booked', 'cancelled');

-- CreateEnum
CREATE TYPE "item_kind" AS ENUM ('flight', 'hotel', 'transfer');

-- CreateEnum
CREATE TYPE "RevenueKind" AS ENUM ('commission', 'fee', 'refund');

-- CreateTable
CREATE TABLE "countries" (
    "code" CHAR(2) NOT NULL,
    "name" TEXT NOT NULL,
    "dial_code" TEXT,

    CONSTRAINT "countries_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "airports" (
    "iata_code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "city" TEXT,
    "state" TEXT,
    "country" TEXT NOT NULL,
    "latitude" DOUBLE PRECISION NOT NULL,
    "longitude" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "airports_pkey" PRIMARY KEY ("iata_code")
);

-- CreateTable
CREATE TABLE "operators" (
    "operator_id" SERIAL NOT NULL,
    "operator_code" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "country_code" CHAR(2) NOT NULL,
    "parent_id" INTEGER,
    "commission_rate" DECIMAL(5,4) NOT NULL DEFAULT 0,
    "rating" DOUBLE PRECISION,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "languages" TEXT[],
    "legacy_id" BIGINT,
    "founded_on" DATE,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "logo" BYTEA,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "operators_pkey" PRIMARY KEY ("operator_id")
);

-- CreateTable
CREATE TABLE "requests" (
    "id" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "status" "request_status" NOT NULL DEFAULT 'new',
    "customer_name" TEXT NOT NULL,
    "customer_email" TEXT,
    "passengers" SMALLINT NOT NULL DEFAULT 1,
    "budget" DECIMAL(12,2),
    "currency" CHAR(3) NOT NULL DEFAULT 'EUR',
    "flexible" BOOLEAN NOT NULL DEFAULT false,
    "departure_on" DATE,
    "confirmed_at" TIMESTAMPTZ(3),
    "preferences" JSONB,
    "comment" TEXT,
    "operator_id" INTEGER,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "request_items" (
    "request_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "kind" "item_kind" NOT NULL,
    "title" TEXT NOT NULL,
    "departure_iata" TEXT,
    "arrival_iata" TEXT,
    "starts_at" TIMESTAMPTZ(3),
    "price" DECIMAL(12,2),

    CONSTRAINT "request_items_pkey" PRIMARY KEY ("request_id","position")
);

-- CreateTable
CREATE TABLE "notes" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "request_id" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "pinned" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tags" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "tags_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Revenue" (
    "id" BIGSERIAL NOT NULL,
    "requestId" TEXT,
    "kind" "RevenueKind" NOT NULL DEFAULT 'commission',
    "amount" DECIMAL(18,4) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "exchangeRate" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "minorUnits" BIGINT NOT NULL,
    "accountingOn" DATE NOT NULL,
    "bookedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "settled" BOOLEAN NOT NULL DEFAULT false,
    "meta" JSONB,

    CONSTRAINT "Revenue_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "_RequestToTag" (
    "A" TEXT NOT NULL,
    "B" INTEGER NOT NULL,

    CONSTRAINT "_RequestToTag_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateIndex
CREATE UNIQUE INDEX "countries_name_key" ON "countries"("name");

-- CreateIndex
CREATE UNIQUE INDEX "operators_operator_code_key" ON "operators"("operator_code");

-- CreateIndex
CREATE UNIQUE INDEX "operators_legacy_id_key" ON "operators"("legacy_id");

-- CreateIndex
CREATE UNIQUE INDEX "requests_reference_key" ON "requests"("reference");

-- CreateIndex
CREATE INDEX "requests_operator_id_idx" ON "requests"("operator_id");

-- CreateIndex
CREATE INDEX "notes_request_id_idx" ON "notes"("request_id");

-- CreateIndex
CREATE UNIQUE INDEX "tags_name_key" ON "tags"("name");

-- CreateIndex
CREATE INDEX "Revenue_requestId_idx" ON "Revenue"("requestId");

-- CreateIndex
CREATE INDEX "_RequestToTag_B_index" ON "_RequestToTag"("B");

-- AddForeignKey
ALTER TABLE "operators" ADD CONSTRAINT "operators_country_code_fkey" FOREIGN KEY ("country_code") REFERENCES "countries"("code") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "operators" ADD CONSTRAINT "operators_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "operators"("operator_id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "operators"("operator_id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_items" ADD CONSTRAINT "request_items_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_items" ADD CONSTRAINT "request_items_departure_iata_fkey" FOREIGN KEY ("departure_iata") REFERENCES "airports"("iata_code") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_items" ADD CONSTRAINT "request_items_arrival_iata_fkey" FOREIGN KEY ("arrival_iata") REFERENCES "airports"("iata_code") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notes" ADD CONSTRAINT "notes_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Revenue" ADD CONSTRAINT "Revenue_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "requests"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_RequestToTag" ADD CONSTRAINT "_RequestToTag_A_fkey" FOREIGN KEY ("A") REFERENCES "requests"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_RequestToTag" ADD CONSTRAINT "_RequestToTag_B_fkey" FOREIGN KEY ("B") REFERENCES "tags"("id") ON DELETE CASCADE ON UPDATE CASCADE;
