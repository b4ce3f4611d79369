-- Aggregates: over nothing, with NULLs, DISTINCT, HAVING, ROLLUP and friends, and what is refused.
CREATE TABLE sales (region varchar(10) NULL, product varchar(10) NOT NULL, quantity int NULL, price decimal(9, 2) NOT NULL)
INSERT INTO sales VALUES ('north', 'tea', 3, 2.50), ('north', 'cup', 1, 4.00), ('south', 'tea', 5, 2.40), ('south', 'tea', NULL, 2.60), (NULL, 'cup', 2, 4.10)
GO
SELECT COUNT(*) AS n, COUNT(quantity) AS known, SUM(quantity) AS s, AVG(quantity) AS a, MIN(price) AS lo, MAX(price) AS hi FROM sales
GO
SELECT COUNT(*) AS n, SUM(quantity) AS s, MAX(product) AS m FROM sales WHERE 1 = 0
GO
SELECT region, COUNT(*) AS n, SUM(quantity * price) AS revenue FROM sales GROUP BY region ORDER BY region
GO
SELECT product, COUNT(DISTINCT region) AS regions FROM sales GROUP BY product HAVING SUM(quantity) > 2 ORDER BY product
GO
SELECT AVG(price) AS mean, AVG(CAST(quantity AS float)) AS approximate, SUM(CAST(quantity AS bigint)) AS big FROM sales
GO
SELECT COUNT_BIG(*) AS big, ROUND(STDEV(price), 6) AS deviation, ROUND(VARP(price), 6) AS variance FROM sales WHERE product = 'cup'
GO
SELECT region, product, SUM(quantity) AS s, GROUPING(region) AS g FROM sales GROUP BY ROLLUP (region, product) ORDER BY g, region, product
GO
SELECT product, SUM(quantity) AS s FROM sales GROUP BY GROUPING SETS ((product), ()) ORDER BY GROUPING(product), product
GO
SELECT STRING_AGG(product, ',') WITHIN GROUP (ORDER BY product, price) AS list FROM sales
GO
SELECT LEN(region) AS length, COUNT(*) AS n FROM sales GROUP BY LEN(region) ORDER BY length
GO
SELECT region, price FROM sales GROUP BY region
GO
SELECT region FROM sales WHERE COUNT(*) > 1 GROUP BY region
GO
SELECT SUM(product) FROM sales
GO
SELECT SUM(COUNT(*)) FROM sales GROUP BY region
GO
